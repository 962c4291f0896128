import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProfileOf } from './cpu-profile.ts';
import { drawFlameGraph } from './flame-graph.ts';
import { type Frame, foldSamples } from './fold-samples.ts';
import { describePhase, type PhaseProfile } from './profile-tables.ts';
import { type Phase, runPhases } from './run-phases.ts';
import { describeStatements } from './statement-table.ts';
import { underProfiler } from './under-profiler.ts';

export interface ProfileOptions {
  /** How many jobs to submit and drain. Default 100,000. */
  jobs?: number;
}

/**
 * Submits and drains jobs with the API process and one worker process under Node's CPU profiler, and writes into the
 * folder `api.cpuprofile` and `worker.cpuprofile` (for Chromium's devtools or VS Code), a flame graph of each
 * (`api.flame.svg`, `worker.flame.svg`) and `profile.md`: the functions, packages and files, and statements by time.
 * The url is a superuser's, of a server on which Longshore gets a database of its own; for statements it must have been
 * started with `statementSettings`.
 */
export const runProfile = async (
  folder: string,
  databaseUrl: string,
  { jobs = 100_000 }: ProfileOptions = {},
): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const raw = await mkdtemp(join(tmpdir(), 'longshore-profile-'));
  try {
    const run = await underProfiler(raw, () => runPhases(databaseUrl, jobs));
    const phases = [...run.submitPhases, run.drainPhase];
    const sources = { raw, folder };
    const profiles = [
      ...(await writeProcess(sources, { name: 'api', pid: run.apiPid, phases })),
      ...(await writeProcess(sources, { name: 'worker', pid: run.workerPid, phases: [run.drainPhase] })),
    ];
    await writeFile(join(folder, 'profile.md'), describeRun(profiles, phases));
  } finally {
    await rm(raw, { recursive: true, force: true });
  }
};

interface ProfiledProcess {
  name: string;
  pid: number;
  phases: Phase[];
}

/** Writes a process's profile and flame graph; answers with its time by phase. Start and end of the process are in neither. */
const writeProcess = async (
  { raw, folder }: { raw: string; folder: string },
  { name, pid, phases }: ProfiledProcess,
): Promise<PhaseProfile[]> => {
  const { file, profile } = await readProfileOf(raw, pid);
  await copyFile(file, join(folder, `${name}.cpuprofile`));
  const profiles = phases.map((phase) => ({
    process: name,
    phase: phase.name,
    jobs: phase.jobs,
    root: foldSamples(profile, phase, phase.name),
  }));
  const note = phases.map((phase) => `${phase.name}: ${phase.jobs.toLocaleString('en')} jobs`).join(' · ');
  const graph = drawFlameGraph(
    joinPhases(
      name,
      profiles.map(({ root }) => root),
    ),
    { title: `CPU time of the ${name} process`, note },
  );
  await writeFile(join(folder, `${name}.flame.svg`), graph);
  return profiles;
};

/** One tree for one picture: the process at the bottom, its phases on it. */
const joinPhases = (name: string, phases: Frame[]): Frame => ({
  name,
  place: '',
  group: name,
  selfUs: 0,
  totalUs: phases.reduce((sum, { totalUs }) => sum + totalUs, 0),
  children: phases,
});

const describeRun = (profiles: PhaseProfile[], phases: Phase[]): string =>
  [
    '# Where the time goes',
    '',
    ...profiles.map(describePhase),
    ...phases.flatMap(({ name, jobs, statements }) =>
      statements ? [describeStatements(name, jobs, statements)] : [],
    ),
    ...(phases.some(({ statements }) => statements === null) ? [uncounted] : []),
  ].join('\n');

const uncounted =
  'PostgreSQL was started without `pg_stat_statements`, so its statements were not counted.\n';

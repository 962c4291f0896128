import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { measureDrain } from './drain.ts';
import { noteMachine } from './machine.ts';
import { type Measure, measureOf, median } from './measure.ts';
import { openGraphileWorker, openPgBoss } from './peers/open-peers.ts';
import { measurePickup } from './pickup.ts';
import { openLongshore, startDatabase } from './stack.ts';
import type { Subject } from './subject.ts';

const usage = `npm run bench -- [options]

  --quick        fewer jobs and rounds
  --jobs N       jobs to drain (default 50000)
  --json FILE    write every measure as {name, unit, ours, peers, ratios}
`;

/** Measures us, the whole path over HTTP, and the peers, straight on the database, one after the other on one PostgreSQL. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      jobs: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);

  const machine = noteMachine();
  process.stdout.write(`${machine}\n\n`);
  const measures = await measureAll({
    pickups: values.quick ? 200 : 1_000,
    jobs: Number(values.jobs ?? (values.quick ? 20_000 : 50_000)),
    rounds: values.quick ? 1 : 3,
  });
  for (const measure of measures) process.stdout.write(`${describe(measure)}\n`);
  if (values.json) await writeFile(values.json, `${JSON.stringify({ machine, measures }, null, 2)}\n`);
};

interface Run {
  pickups: number;
  jobs: number;
  rounds: number;
}

const measureAll = async (run: Run): Promise<Measure[]> => {
  const postgres = await startDatabase();
  try {
    const figures = new Map<string, Awaited<ReturnType<typeof measureSubject>>>();
    for (const open of [
      () => openLongshore(postgres.url),
      () => openGraphileWorker(postgres.url, false),
      () => openGraphileWorker(postgres.url, true),
      () => openPgBoss(postgres.url),
    ]) {
      const subject = await open();
      figures.set(subject.name, await measureSubject(subject, run).finally(() => subject.close()));
    }
    return compare(figures, run.jobs);
  } finally {
    await postgres.stop();
  }
};

const measureSubject = async (subject: Subject, { pickups, jobs, rounds }: Run) => {
  const pickup = await measurePickup(subject, pickups);
  const drains: Awaited<ReturnType<typeof measureDrain>>[] = [];
  for (let round = 0; round < rounds; round++) drains.push(await measureDrain(subject, jobs));
  return {
    ...pickup,
    submitted: median(drains.map(({ submitted }) => submitted)),
    drained: median(drains.map(({ drained }) => drained)),
  };
};

const compare = (
  figures: Map<string, Awaited<ReturnType<typeof measureSubject>>>,
  jobs: number,
): Measure[] => {
  const all = (figure: 'p50' | 'p99' | 'submitted' | 'drained'): Record<string, number> =>
    Object.fromEntries([...figures].map(([name, of]) => [name, of[figure]]));
  return [
    measureOf('pickup at idle, p50', 'ms', all('p50')),
    measureOf('pickup at idle, p99', 'ms', all('p99')),
    measureOf('submitMany of 1000', 'jobs/s', all('submitted')),
    measureOf(`drain of ${jobs.toLocaleString('en')}, 1 worker process`, 'jobs/s', all('drained')),
  ];
};

const describe = ({ name, unit, ours, peers, ratios }: Measure): string =>
  [
    `${name.padEnd(48)} ${write(ours)} ${unit}`,
    ...Object.entries(peers).map(
      ([peer, theirs]) =>
        `  ${peer.padEnd(46)} ${write(theirs)} ${unit}, ours is ${ratios[peer]!.toFixed(2)}x`,
    ),
  ].join('\n');

const write = (figure: number): string =>
  figure.toLocaleString('en', { maximumFractionDigits: 1 }).padStart(10);

await main();

import { writeFile } from 'node:fs/promises';
import { groups } from './groups.ts';
import { type BenchOptions, type Choices, describeUsage, parseOptions, WrongUsage } from './options.ts';
import { endDescendants } from './processes.ts';
import { runProfile } from './profile/run-profile.ts';
import { statementSettings } from './profile/statements.ts';
import { describeReport } from './report.ts';
import { runGroups } from './run-groups.ts';
import { startDatabase } from './stack.ts';
import { subjects } from './subjects.ts';
import { fullTier, quickTier } from './tier.ts';

const choices: Choices = {
  groups: Object.keys(groups),
  groupsOfQuick: quickTier.groups,
  subjects: subjects.map(({ name }) => name),
};

/** Measures us, the whole path over HTTP, and the peers, straight on the database, on one PostgreSQL in one run. */
const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2), choices);
  if (options.isHelp) process.stdout.write(describeUsage(choices));
  else if (options.profileFolder !== undefined) await writeProfile(options.profileFolder);
  else await measureAll(options);
};

const writeProfile = async (folder: string): Promise<void> => {
  const postgres = await startDatabase(statementSettings);
  try {
    await runProfile(folder, postgres.url);
  } finally {
    await postgres.stop();
  }
};

/** The exit code is 1 when a figure failed for another reason than noise. */
const measureAll = async (options: BenchOptions): Promise<void> => {
  const postgres = await startDatabase();
  try {
    const report = await runGroups(postgres, {
      tier: options.isQuick ? quickTier : fullTier,
      groupNames: options.groups,
      subjectNames: options.subjects,
    });
    const table = describeReport(report);
    process.stdout.write(table);
    if (options.markdownFile) await writeFile(options.markdownFile, table);
    if (options.jsonFile) await writeFile(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    if (report.refused.some(({ isNoisy }) => !isNoisy)) process.exitCode = 1;
  } finally {
    await postgres.stop();
  }
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    endDescendants();
    process.exit(130);
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof WrongUsage)) throw error;
  process.stderr.write(`${error.message}\nnpm run bench -- --help tells the options.\n`);
  process.exitCode = 2;
}

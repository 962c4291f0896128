import { connect, migrate, pendingMigrations } from '@longshore/db';
import { databaseOptions, defineCommand } from '../command.ts';
import { findDatabaseUrl } from '../connections.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { renderBar } from '../progress-line.ts';

export const command = defineCommand({
  options: {
    status: { type: 'boolean', help: 'only say what is pending; ends with 1 when something is' },
    ...databaseOptions,
  },
  notes:
    'May be run by any number of processes at once. Numbered steps run once; the functions are renewed each time.',
  run: (context) => {
    const url = findDatabaseUrl(context.values, context.env);
    return context.values.status ? showStatus(url, context.output) : applyAll(url, context.output);
  },
});

const showStatus = async (url: string, output: Output): Promise<ExitCode> => {
  const pending = await readPending(url);
  output.answer({ pending }, () =>
    pending.length === 0 ? 'the schema is up to date' : pending.map((name) => `pending  ${name}`).join('\n'),
  );
  return pending.length === 0 ? exitCodes.ok : exitCodes.failed;
};

const applyAll = async (url: string, output: Output): Promise<undefined> => {
  // The functions are the last step.
  const steps = (await readPending(url)).length + 1;
  const progress = output.startProgress();
  let begun = 0;
  const onStep = (name: string): void => {
    output.tell(`applying ${name}`);
    if (progress.isLive) progress.show(begun / steps, `${renderBar(begun / steps, 20)}  ${name}`);
    begun += 1;
  };
  try {
    const { applied } = await migrate(url, { onStep });
    progress.end();
    output.answer({ applied }, () =>
      applied.length === 0 ? 'the schema was up to date; functions renewed' : 'the schema is up to date',
    );
    return undefined;
  } finally {
    progress.end();
  }
};

const readPending = async (url: string): Promise<string[]> => {
  const db = connect({ url, poolSize: 1, applicationName: 'longshore-cli' });
  try {
    return await pendingMigrations(db.pool);
  } finally {
    await db.close();
  }
};

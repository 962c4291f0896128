import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LongshoreError } from '@longshore/contract';
import type { Environment } from '../command.ts';
import { keySettingsIn, readKeyFormat } from '../database-admin.ts';
import { type DevKeys, keysFileIn } from '../dev-keys.ts';
import type { Output } from '../output.ts';
import { renderFields } from '../render-table.ts';
import type { Child } from '../stack/child-process.ts';
import { Interrupted, listenForInterrupts, untilAborted } from '../stack/interrupts.ts';
import { createLocalStack, type LocalStack } from '../stack/local-stack.ts';
import { createStory, type Story } from '../stack/story.ts';
import { startDevPostgres } from './dev-postgres.ts';
import { ensureDevKeys } from './ensure-dev-keys.ts';
import { renderLogLine } from './render-log-line.ts';

export interface DevOptions {
  dataDir: string;
  port: number;
  workers: number;
  env: Environment;
}

const handlersFile = fileURLToPath(new URL('../../../worker/examples/handlers.ts', import.meta.url));
const drainSeconds = 5;

/**
 * Runs everything until a signal comes, then stops it in order: workers drain, the API closes, PostgreSQL stops.
 * Rejects when a part cannot start or ends by itself.
 */
export const runDev = async (options: DevOptions, output: Output): Promise<void> => {
  const interrupts = listenForInterrupts();
  let isReady = false;
  const stack = createLocalStack((name, line) => {
    if (isReady) output.tell(renderLogLine(name, line, output.paint));
  });
  try {
    const ready = await untilAborted(interrupts.signal, startAll(options, output, stack));
    announce(options, ready, output);
    isReady = true;
    await untilAborted(interrupts.signal, Promise.race(stack.children.map(failWhenEnded)));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    output.tell('\nstopping: workers first, then the API, then PostgreSQL');
  } finally {
    await stack.stop({ drainMs: (drainSeconds + 10) * 1_000 });
    interrupts.release();
  }
  output.tell('stopped');
};

interface Ready {
  keys: DevKeys;
  databaseUrl: string;
}

const startAll = async (
  { dataDir, port, workers, env }: DevOptions,
  output: Output,
  stack: LocalStack,
): Promise<Ready> => {
  const story = createStory(output);
  story.title('Longshore on this machine');
  const databaseUrl = await startDatabase(stack, story, resolve(dataDir));
  await story.step('schema', stack.migrate, (applied) =>
    applied.length > 0 ? `${applied.length} migrations` : 'up to date',
  );
  const url = await story.step(
    'API',
    () => startApi(stack, port, env),
    (url) => url,
  );
  const keys = await ensureDevKeys(databaseUrl, url, keysFileIn(dataDir), await readKeyFormat(env));
  for (let number = 1; number <= workers; number += 1) await startWorker(stack, story, keys.worker, number);
  return { keys, databaseUrl };
};

const startApi = async (stack: LocalStack, port: number, env: Environment): Promise<string> => {
  try {
    return await stack.startApi({ port, logLevel: 'info', env: keySettingsIn(env) });
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('EADDRINUSE')) throw error;
    throw new LongshoreError('CONFLICT', `Port ${port} is taken by another process.`, {
      hint: 'Stop that one, or choose another: --port N',
      cause: error,
    });
  }
};

const startDatabase = async (stack: LocalStack, story: Story, dataDir: string): Promise<string> => {
  const { postgres, refusal } = await story.step(
    'PostgreSQL',
    () => startDevPostgres(stack, join(dataDir, 'postgres')),
    ({ postgres, refusal }) =>
      refusal ? `temporary, on port ${postgres.port}` : `${postgres.dataDir}, on port ${postgres.port}`,
  );
  if (refusal) {
    story.warn('temporary', 'What you do now is gone when this stops.');
    story.plain(`${' '.repeat(14)}${refusal}`);
  }
  return postgres.url;
};

const startWorker = (stack: LocalStack, story: Story, apiKey: string, number: number): Promise<Child> =>
  story.step(
    `worker-${number}`,
    () =>
      stack.startWorker({
        name: `worker-${number}`,
        handlers: handlersFile,
        apiKey,
        args: ['--drain-seconds', String(drainSeconds), '--log-level', 'debug'],
      }),
    () => 'echo, sleep, word-count, flaky: apps/worker/examples/handlers.ts',
  );

const failWhenEnded = async ({ name, ended }: Child): Promise<never> => {
  const { code, signal } = await ended;
  throw new Error(`${name} ended by itself (${signal ?? `exit code ${code}`}); its last lines are above.`);
};

const announce = ({ dataDir }: DevOptions, { keys, databaseUrl }: Ready, output: Output): void => {
  const { paint, tell } = output;
  const { url, org, operator, admin, submit, worker } = keys;
  tell(
    `\n${paint('bold', 'Ready.')} These keys are for this machine; they are kept in ${keysFileIn(dataDir)}.\n`,
  );
  tell(indent(renderFields({ url, database: databaseUrl, org, admin, submit, worker, operator })));
  tell(`\n${paint('bold', 'Try it')}, in another terminal in this folder:\n`);
  tell(indent(examples.join('\n')));
  tell(`\n${paint('dim', 'Logs follow. Ctrl-C stops everything, in order.')}\n`);
};

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');

const examples = [
  `npm run longshore -- submit word-count '{"text":"to be or not to be"}' --wait`,
  `npm run longshore -- submit flaky '{"failures":1}' --wait`,
  'npm run longshore -- jobs list',
];

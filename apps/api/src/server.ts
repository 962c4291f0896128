import { LongshoreError } from '@longshore/contract';
import { type ApiConfig, readConfig } from './config.ts';
import { startApi } from './start-api.ts';

/** The process entry: reads the environment, listens, and closes on the first signal; a second one forces. */
const main = async (): Promise<void> => {
  const config = readConfig(process.env);
  const api = await startApi(config);
  process.stdout.write(`longshore api listening on ${api.url}\n`);
  onSignals(() => closeAndExit(api, config));
};

const onSignals = (close: () => Promise<void>): void => {
  let isClosing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isClosing) process.exit(1);
      isClosing = true;
      void close();
    });
  }
};

const closeAndExit = async (api: { close(): Promise<void> }, { closeSeconds }: ApiConfig): Promise<void> => {
  // The close waits for the database too, which may not answer.
  setTimeout(() => process.exit(1), (closeSeconds + 5) * 1_000).unref();
  try {
    await api.close();
    process.exit(0);
  } catch (error) {
    fail(error);
  }
};

const fail = (error: unknown): void => {
  process.stderr.write(`longshore api: ${describe(error)}\n`);
  process.exit(1);
};

const describe = (error: unknown): string => {
  if (error instanceof LongshoreError) return [error.message, error.hint].filter(Boolean).join('\n');
  return error instanceof Error ? error.message : String(error);
};

main().catch(fail);

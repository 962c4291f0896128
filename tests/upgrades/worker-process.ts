import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** A worker with the SDK of the release in the folder RELEASE. Says `refused: ...` for whatever no worker would try again. */
const { createWorker, defineJob } = (await import(
  pathToFileURL(`${process.env.RELEASE}/packages/sdk/src/index.ts`).href
)) as typeof import('@longshore/sdk');

const echo = defineJob({ kind: 'echo', payload: z.unknown(), result: z.unknown() });
const worker = createWorker({
  url: process.env.LONGSHORE_URL!,
  apiKey: process.env.LONGSHORE_API_KEY!,
  concurrency: 20,
  handlers: [echo.handler((payload) => payload)],
});
worker.on('error', ({ during, error }) => {
  const { code, isRetryable } = error as { code?: string; isRetryable?: boolean };
  if (isRetryable === false) writeSync(1, `refused: ${during} ${code}\n`);
});
worker.on('sessionLost', ({ error }) => writeSync(1, `refused: session ${error.code}\n`));
process.on('SIGTERM', () => void worker.stop({ timeoutSeconds: 5 }).then(() => process.exit(0)));
await worker.start();
writeSync(1, 'worker ready\n');

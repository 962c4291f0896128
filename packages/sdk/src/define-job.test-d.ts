import type { Job, JsonValue } from '@longshore/contract';
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import { createClient, createWorker, defineJob, type JobHandle } from './index.ts';

// Compiled by `tsc -b`, never run: each line with @ts-expect-error must not compile, every other must.

const resize = defineJob({
  kind: 'image.resize',
  payload: z.object({ url: z.string(), width: z.number().default(800) }),
  progress: z.object({ percent: z.number() }),
  result: z.object({ key: z.string(), at: z.coerce.date() }),
  queue: 'images',
  maxAttempts: 5,
});
const touch = defineJob({ kind: 'touch', payload: z.object({ path: z.string() }) });
const client = createClient({ url: 'http://127.0.0.1:4455', apiKey: 'lsh_submit_' });

// A default makes a field optional for who submits, and present for who works.
const handle = await client.submit(resize, { url: 'a' });
await client.submit(resize, { url: 'a', width: 10 }, { priority: -1, runAt: '2030-01-01T00:00:00Z' });
// @ts-expect-error a field is missing
await client.submit(resize, {});
// @ts-expect-error a field has another type
await client.submit(resize, { url: 'a', width: '10' });
// @ts-expect-error there is no such field
await client.submit(resize, { url: 'a', height: 10 });
// @ts-expect-error there is no such option
await client.submit(resize, { url: 'a' }, { prio: 1 });
// @ts-expect-error a definition sets no option that names one job
defineJob({ kind: 'x', payload: z.string(), externalId: 'one' });
// @ts-expect-error a payload schema is needed
defineJob({ kind: 'x' });

// The result is what the schema makes of it.
expectTypeOf(await handle.wait()).toEqualTypeOf<{ key: string; at: Date }>();
expectTypeOf(await client.wait(handle)).toEqualTypeOf<{ key: string; at: Date }>();
expectTypeOf(await client.wait(resize, 'id', { timeoutSeconds: 1 })).toEqualTypeOf<{
  key: string;
  at: Date;
}>();
expectTypeOf(await client.wait(touch, 'id')).toEqualTypeOf<JsonValue>();
// @ts-expect-error an id alone does not say what the result is
await client.wait('id');

// A batch keeps each handle's own type.
const [first, second] = await client.submitMany([
  resize.request({ url: 'a' }, { batchId: 'b' }),
  touch.request({ path: 'p' }),
]);
expectTypeOf(await first.wait()).toEqualTypeOf<{ key: string; at: Date }>();
expectTypeOf(await second.wait()).toEqualTypeOf<JsonValue>();
const handles = await client.submitMany(['a', 'b'].map((path) => touch.request({ path })));
expectTypeOf(await handles[0]!.wait()).toEqualTypeOf<JsonValue>();
expectTypeOf<(typeof handles)[number]['id']>().toEqualTypeOf<JobHandle['id']>();
// @ts-expect-error the payload is checked where the request is made
touch.request({ path: 1 });

// A job is read by its state, and by its definition when one is given.
const job = await client.get(resize, 'id');
expectTypeOf(job.payload).toEqualTypeOf<{ url: string; width: number }>();
if (job.state === 'completed') expectTypeOf(job.result.at).toEqualTypeOf<Date>();
if (job.state === 'running') expectTypeOf(job.progress).toEqualTypeOf<{ percent: number } | null>();
// @ts-expect-error only a completed job has a result
void job.result;
expectTypeOf(await client.get('id')).toEqualTypeOf<Job>();
expectTypeOf((await client.getByExternalId(touch, 'e')).payload).toEqualTypeOf<{ path: string }>();

const worker = createWorker({
  url: 'http://127.0.0.1:4455',
  apiKey: 'lsh_worker_',
  handlers: [
    resize.handler(async (payload, { progress, log, signal, attempt, fencingToken, idempotencyKey }) => {
      expectTypeOf(payload).toEqualTypeOf<{ url: string; width: number }>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf([attempt, fencingToken]).toEqualTypeOf<number[]>();
      expectTypeOf(idempotencyKey).toEqualTypeOf<string>();
      progress({ percent: 10 });
      // @ts-expect-error progress has its own shape
      progress({ done: 10 });
      // @ts-expect-error a line is text
      log(1);
      return { key: 'k', at: new Date() };
    }),
    touch.handler(() => undefined),
    touch.handler((_, context) => context.snooze(5)),
  ],
});
// @ts-expect-error the result lacks a field
resize.handler(() => ({ at: new Date() }));
// @ts-expect-error a promise of a wrong result is a wrong result
resize.handler(async () => ({ key: 1, at: new Date() }));
// @ts-expect-error a function is no handler until its definition has bound it
createWorker({ url: '', apiKey: '', handlers: [async () => undefined] });

worker.on('jobFailed', ({ job: info, error, state }) => {
  expectTypeOf(info.kind).toEqualTypeOf<string>();
  expectTypeOf(error.message).toEqualTypeOf<string>();
  expectTypeOf(state).toEqualTypeOf<Job['state']>();
  // @ts-expect-error the proof of the lease stays inside
  void info.leaseToken;
});
// @ts-expect-error there is no such event
worker.on('jobExploded', () => undefined);

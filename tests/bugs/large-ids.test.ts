import { createClient, createWorker, defineJob } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { makeStuckJobs, untilMoved } from './stuck-jobs.ts';

const api = useApi();
const line = defineJob({ kind: 'line', payload: z.number(), result: z.number() });

// Places in line and claims are counted without end; orgs, routes and epochs are PostgreSQL ints, and a job's lines of output
// are bounded.
test.each([2 ** 31 - 8, 2 ** 53 - 8])(
  'B-47: jobs go their way while what counts them passes %d',
  async (next) => {
    await api.database.query("select setval('longshore.job_order', $1)", [next]);
    await api.database.query(
      "select setval(pg_get_serial_sequence('longshore.session_claims', 'id'), $1::bigint)",
      [next],
    );
    const client = createClient({ url: api.url, apiKey: api.keys.submit });
    const handles = await client.submitMany(Array.from({ length: 30 }, (_, n) => line.request(n)));
    const order: number[] = [];
    const worker = createWorker({
      url: api.url,
      apiKey: api.keys.worker,
      concurrency: 1,
      prefetch: 0,
      handlers: [
        line.handler((n, { log }) => {
          order.push(n);
          log(`line of ${n}`);
          return n;
        }),
      ],
    });
    await worker.start();
    const results = await Promise.all(handles.map((handle) => handle.wait({ timeoutSeconds: 40 })));
    await worker.stop();

    expect(results).toEqual(handles.map((_, n) => n));
    expect(order).toEqual(results);
    expect((await client.output(handles[29]!.id)).map(({ text }) => text)).toEqual(['line of 29']);
    const { jobs } = await makeStuckJobs(api.database);
    for (const job of Object.values(jobs)) await untilMoved(api.database, job);
  },
);

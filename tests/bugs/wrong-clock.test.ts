import type { ClaimedJob } from '@longshore/contract';
import { createApiClient, createClient, defineJob } from '@longshore/sdk';
import { eventually, steerClock, useDatabase } from '@longshore/test-kit';
import { endProcess, spawnApi } from '@longshore/test-kit/processes';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { addOrg, type OrgWithKeys } from './add-org.ts';

const database = useDatabase();
const clock = steerClock(database);
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** An API process for which it is so many minutes later than it is; its url. */
const spawnApiAhead = async (minutes: number): Promise<string> => {
  const code = `const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) { super(...(given.length > 0 ? given : [Real.now() + ${minutes * 60_000}])); }
      static now() { return Real.now() + ${minutes * 60_000}; }
    };`;
  const { child, match } = await spawnApi(database.apiUrl, {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
  });
  ends.push(() => endProcess(child));
  return match;
};

const openScene = (url: string, keys: OrgWithKeys['keys']) => {
  const client = createClient({ url, apiKey: keys.submit });
  const { worker } = createApiClient({ url, apiKey: keys.worker });
  return {
    client,
    runOne: async (kind: string): Promise<ClaimedJob & { sessionId: string }> => {
      const { sessionId } = await worker.openSession({ kinds: [kind], leaseSeconds: 900 });
      const { jobs } = await worker.claim({ sessionId, limit: 1, waitSeconds: 20 });
      expect(jobs).toHaveLength(1);
      return { ...jobs[0]!, sessionId };
    },
    untilState: (id: string, state: string) =>
      eventually(async () => (await client.get(id)).state === state, { timeoutMs: 40_000, pollMs: 100 }),
  };
};
type Scene = ReturnType<typeof openScene>;

const long = defineJob({ kind: 'long', payload: z.null() });
const brief = defineJob({ kind: 'brief', payload: z.null() });

// An id made by a clock an hour ahead of the server's is refused, so it is not a whole hour.
test.each([59, -59])(
  'B-31: a process whose clock is %i minutes ahead does nothing sooner or later than the database says',
  {
    timeout: 150_000,
  },
  async (minutes) => {
    const { keys } = await addOrg(database.url, `ahead-${minutes}`.replace('--', '-minus-'));
    const scene = openScene(await spawnApiAhead(minutes), keys);
    const { client, runOne, untilState } = scene;
    const running = await client.submit(long, null, { timeoutSeconds: 600, maxAttempts: 1 });
    await runOne('long');
    const later = await client.submit(long, null, { delaySeconds: 600 });

    await untilDutiesHaveRun(scene);
    expect(await client.get(later.id)).toMatchObject({ state: 'scheduled' });
    expect(await client.get(running.id)).toMatchObject({ state: 'running', rescues: 0 });

    await clock.advance(601);
    await untilState(later.id, 'available');
    await untilState(running.id, 'failed');
  },
);

/** What is due now was promoted, timed out and rescued, so the duties have looked at everything else too. */
const untilDutiesHaveRun = async ({ client, runOne, untilState }: Scene): Promise<void> => {
  const overdue = await client.submit(brief, null, { timeoutSeconds: 0.001, maxAttempts: 1 });
  await runOne('brief');
  const orphan = await client.submit(brief, null);
  const { sessionId } = await runOne('brief');
  await database.query(
    "update longshore.worker_sessions set heartbeat_at = heartbeat_at - interval '1 hour' where id = $1",
    [sessionId],
  );
  const due = await client.submit(brief, null, { delaySeconds: 0.5 });
  await untilState(overdue.id, 'failed');
  await untilState(orphan.id, 'available');
  await untilState(due.id, 'available');
};

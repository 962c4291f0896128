import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Fault } from '../schedule.ts';
import type { Site } from '../site.ts';
import type { Effect } from './perform.ts';

const recoveryMsMax = 20_000;
const lookMs = 5;

/** An immediate shutdown and a start on the same data. */
export const restartPostgres = async ({ postgres }: Site): Promise<Effect> => ({
  target: 'postgres',
  readyAtMs: await postgres.restart(),
});

/** Ends one connection of an API process, whatever it is doing. */
export const endBackend = async (site: Site, { choice }: Fault): Promise<Effect> => {
  const [ended] = await site.observe<{ pid: number }>(endOne, ['longshore-api', choice]);
  if (!ended) throw new Error('there was nobody to hit');
  return { target: `backend ${ended.pid}` };
};

/** Ends one listening connection and, when alone, waits for its successor to listen. */
export const endListener = async (site: Site, { choice, isSolo }: Fault): Promise<Effect> => {
  const client = new pg.Client({ connectionString: site.postgres.url });
  client.on('error', () => {});
  await client.connect();
  try {
    const before = new Set(await pidsOfListeners(client));
    const endedAtMs = performance.now();
    const { rows } = await client.query<{ pid: number }>(endOne, ['longshore-listen', choice]);
    const [ended] = rows;
    if (!ended) throw new Error('there was nobody to hit');
    const target = `listener ${ended.pid}`;
    if (!isSolo) return { target };
    while ((await pidsOfListeners(client)).every((pid) => before.has(pid))) {
      if (performance.now() > endedAtMs + recoveryMsMax) throw new Error('no new listener came');
      await delay(lookMs);
    }
    return { target, recoveredMs: [performance.now() - endedAtMs] };
  } finally {
    await client.end().catch(() => {});
  }
};

const endOne = `
  select pid
  from (
    select pid from pg_stat_activity
    where application_name = $1 and pid <> pg_backend_pid()
    order by md5(pid::text || $2::text)
    limit 1
  ) as chosen
  where pg_terminate_backend(pid)`;

/** Only those whose LISTEN has taken hold. */
const pidsOfListeners = async (client: pg.Client): Promise<number[]> => {
  const { rows } = await client.query<{ pid: number }>(`
    select pid from pg_stat_activity
    where application_name = 'longshore-listen' and state = 'idle' and query ~* '^(listen|select pg_listening)'`);
  return rows.map(({ pid }) => pid);
};

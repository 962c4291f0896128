import { setTimeout as delay } from 'node:timers/promises';
import { createAdminClient } from '@longshore/sdk';
import type { ChaosOrg, Site } from './site.ts';

export interface AdminActs {
  /** Ids of the keys whose making was answered. */
  acked: string[];
}

const pauseMs = 1_500;

/** Makes keys, and pauses and resumes a queue that nobody uses, until `over`: acts that the audit log must hold, each once. */
export const act = async ({
  org,
  url,
  over,
}: {
  org: ChaosOrg;
  url: string;
  over: AbortSignal;
}): Promise<AdminActs> => {
  const client = createAdminClient({ url, apiKey: org.adminKey });
  const acked: string[] = [];
  for (let number = 0; !over.aborted; number++) {
    const key = await client.keys.create({ role: 'submit', name: `chaos ${number}` }).catch(() => undefined);
    if (key) acked.push(key.id);
    await client.queues.pause('aside').catch(() => undefined);
    await client.queues.resume('aside').catch(() => undefined);
    await delay(pauseMs, undefined, { signal: over }).catch(() => undefined);
  }
  return { acked };
};

/** Where an org's audit log is not what was done; empty when it is. */
export const checkAudit = async (site: Site, org: ChaosOrg, { acked }: AdminActs): Promise<string[]> => {
  const breaks = await site.observe<{ seq: string; reason: string }>(
    'select seq, reason from longshore.verify_audit($1)',
    [org.id],
  );
  const wrong = await site.observe<{ id: string; rows: number }>(wrongKeys, [org.id]);
  const kept = await site.observe<{ id: string }>('select id from longshore.api_keys where org_id = $1', [
    org.id,
  ]);
  const ids = new Set(kept.map(({ id }) => id));
  return [
    ...breaks.map(({ seq, reason }) => `audit of ${org.slug}: row ${seq} ${reason}`),
    ...wrong.map(({ id, rows }) => `audit of ${org.slug}: ${rows} rows for the making of key ${id}`),
    ...acked
      .filter((id) => !ids.has(id))
      .map((id) => `audit of ${org.slug}: key ${id} was acked and is gone`),
  ];
};

/** Keys without exactly one row of their making, and rows without a key. */
const wrongKeys = `
  select coalesce(made.id::text, logged.target) as id, coalesce(logged.rows, 0)::int as rows
  from (select id from longshore.api_keys where org_id = $1 and name like 'chaos %') as made
  full join (
    select target, count(*) as rows from longshore.audit_log
    where org_id = $1 and action = 'keys.create' and after ->> 'name' like 'chaos %'
    group by target
  ) as logged on logged.target = made.id::text
  where made.id is null or logged.rows is distinct from 1`;

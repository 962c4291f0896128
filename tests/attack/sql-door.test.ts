import { randomBytes } from 'node:crypto';
import { connect, createLogins, urlForLogin } from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Things } from '../surface/id-kinds.ts';
import { openApp } from '../surface/open-app.ts';
import { makeOrgs, type OrgKeys } from '../surface/org-keys.ts';
import { digestRows, findMarks, orgTables, readMarks } from '../surface/org-rows.ts';
import { seedOrg } from '../surface/seed-org.ts';
import { countCrossedRows } from './crossed-rows.ts';
import { countChanged, note } from './note.ts';

const database = useDatabase();
let opened: Awaited<ReturnType<typeof openApp>>;
let victim: OrgKeys & { things: Things };
let secrets: Set<string>;
let before: Record<string, string>;
const logins: Record<string, pg.Client> = {};
const roles: string[] = [];
const seen = { cases: 0, leaks: [] as string[] };

beforeAll(async () => {
  opened = await openApp(database.apiUrl);
  const [org, attacker] = (await makeOrgs(database.url, 2)) as [OrgKeys, OrgKeys];
  victim = { ...org, things: await seedOrg(opened.app, org) };
  await seedOrg(opened.app, attacker);
  secrets = await readMarks(database, victim.orgId);
  before = await digestRows(database, victim.orgId);
  await openLogin('submit', attacker.slug);
  await openLogin('reader', attacker.slug);
  await openUnboundLogins();
});
afterAll(async () => {
  await Promise.all(Object.values(logins).map((client) => client.end()));
  for (const role of roles) await database.query(`drop owned by ${role}; drop role ${role}`).catch(() => {});
  await opened?.close();
});

beforeEach(async () => {
  for (const client of Object.values(logins)) await client.query('reset all');
});

const openLogin = async (role: 'submit' | 'reader', org: string): Promise<void> => {
  const db = connect({ url: database.url, poolSize: 1 });
  const login = `longshore_test_${randomBytes(6).toString('hex')}`;
  const password = await createLogins(db).ensureLogin({ login, role, org });
  await db.close();
  await connectAs(role, login, password);
};

/** Members of the roles whom nobody has bound to an org, and a login with no role of ours at all. */
const openUnboundLogins = async (): Promise<void> => {
  for (const role of ['submit', 'reader', 'nobody']) {
    const login = `longshore_test_${randomBytes(6).toString('hex')}`;
    await database.query(`create role ${login} login password 'x'`);
    if (role !== 'nobody') await database.query(`grant longshore_${role} to ${login}`);
    await connectAs(role === 'nobody' ? role : `unbound ${role}`, login, 'x');
  }
};

const connectAs = async (name: string, login: string, password: string): Promise<void> => {
  const client = new pg.Client({ connectionString: urlForLogin(database.url, login, password) });
  await client.connect();
  logins[name] = client;
  roles.push(login);
};

/** Tries a statement, searches whatever comes back, and answers it. What it did stays done. */
const attempt = async (login: string, sql: string, params: unknown[] = []): Promise<string> => {
  seen.cases++;
  const answer = await logins[login]!.query(sql, params).then(
    (done) => JSON.stringify([done].flat().map(({ rows }) => rows)),
    (error: Error & { code?: string; detail?: string }) =>
      JSON.stringify({ code: error.code, message: error.message, detail: error.detail }),
  );
  const sent = new Set(findMarks(sql + JSON.stringify(params)));
  for (const mark of findMarks(answer))
    if (secrets.has(mark) && !sent.has(mark)) seen.leaks.push(`${login}: ${sql}: ${mark}`);
  return answer;
};

const everybody = ['submit', 'reader', 'unbound submit', 'unbound reader', 'nobody'];

describe.for(everybody)('S-01: the login %s', (login) => {
  test('sees nothing of another org in any table, view or sequence', async () => {
    const tables = await database.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'longshore'::regnamespace and relkind in ('r', 'p', 'v', 'S')`,
    );
    const tricks = ['', ...settingTricks()];
    for (const trick of tricks) {
      for (const { name } of tables) {
        await attempt(login, `${trick}; select to_jsonb(rows)::text from longshore.${name} as rows`);
        for (const column of ['hash', 'lease_token', 'org_id', 'id'])
          await attempt(login, `select ${column}::text from longshore.${name}`);
      }
    }
    expect(seen.leaks).toEqual([]);
  });

  test('changes nothing of another org in any table', async () => {
    for (const table of [...(await orgTables(database)), 'orgs']) {
      const org = table === 'orgs' ? 'id' : 'org_id';
      for (const trick of ['', ...settingTricks()]) {
        await attempt(login, `${trick}; delete from longshore.${table}`);
        await attempt(login, `${trick}; update longshore.${table} set ${org} = ${org}`);
        await attempt(
          login,
          `${trick}; insert into longshore.${table} (${org}) values ($1)`.replace('$1', `${victim.orgId}`),
        );
        await attempt(login, `${trick}; truncate longshore.${table} cascade`);
      }
    }
    expect(countChanged(before, await digestRows(database, victim.orgId))).toBe(0);
  });

  test('cannot become somebody else', async () => {
    for (const role of ['longshore_api', 'longshore_door', 'longshore_system', 'postgres']) {
      expect(await attempt(login, `set role ${role}`)).toMatch(/42501|22023/);
      expect(await attempt(login, `set session authorization ${role}`)).toMatch(/42501|22023/);
    }
    expect(await attempt(login, 'alter table longshore.jobs disable row level security')).toMatch(/42501/);
    expect(await attempt(login, 'create table longshore.mine ()')).toMatch(/42501/);
    expect(await attempt(login, `create policy mine on longshore.jobs using (true)`)).toMatch(/42501/);
  });

  test('calls no function that it was not given', async () => {
    const functions = await database.query<{ name: string; call: string }>(
      `select proname as name, format('select longshore.%I(%s)::text', proname, (
           select string_agg(format('null::%s', type::regtype), ', ') from unnest(proargtypes) as type
         )) as call
       from pg_proc where pronamespace = 'longshore'::regnamespace and not has_function_privilege($1, oid, 'execute')`,
      [logins[login]!.user],
    );
    expect(functions.length).toBeGreaterThan(50);
    for (const { call } of functions) expect(await attempt(login, call), call).toMatch(/42501/);
  });
});

/** Settings by which the API says whom it acts for, set by somebody else. */
const settingTricks = (): string[] => [
  `select set_config('longshore.org_id', '${victim.orgId}', false)`,
  `select set_config('longshore.org', '${victim.slug}', false)`,
  `set longshore.org_id = '${victim.orgId}'`,
  `set row_security = off`,
];

describe('S-01: submit for another org', () => {
  const submitting = ['submit', 'unbound submit'];

  test.for(submitting)('is refused to the login %s as if there were no such org', async (login) => {
    const { things, slug } = victim;
    for (const trick of ['select 1', ...settingTricks()]) {
      await logins[login]!.query('reset all');
      await attempt(login, trick);
      for (const org of [slug, slug.toUpperCase(), ` ${slug}`, `${victim.orgId}`, 'longshore']) {
        const foreign = await attempt(login, 'select longshore.submit($1, $2, $3)', [
          org,
          things.jobKind[0],
          '1',
        ]);
        const missing = await attempt(login, 'select longshore.submit($1, $2, $3)', [
          'no-such-org',
          'k',
          '1',
        ]);
        expect(foreign).toBe(missing);
        expect(foreign).toMatch(/LS006|42501/);
        await attempt(login, 'select longshore.submit_many($1, $2)', [org, '[{"kind":"k","payload":1}]']);
      }
    }
  });

  test('with its ids, parents, batches and keys finds none of them', async () => {
    const { things } = victim;
    const submit = (options: object) =>
      attempt('submit', `select longshore.submit(null, 'k', '1', $1)`, [JSON.stringify(options)]);
    for (const job of things.job) {
      expect(await submit({ depends_on: [job] })).toContain('LS001');
      expect(await submit({ id: job })).toContain(job);
    }
    for (const batch of things.batch) expect(await submit({ after_batch: batch })).toContain('LS001');
    for (const key of things.idempotencyKey) {
      const [own, again] = [await submit({ idempotency_key: key }), await submit({ idempotency_key: key })];
      expect(again).toBe(own);
    }
    for (const externalId of things.externalId) await submit({ external_id: externalId });
    expect(seen.leaks).toEqual([]);
    expect(await countCrossedRows(database)).toEqual({});
  });

  test('cannot be had by temporary types that stand before those of the system', async () => {
    // A definer's search path of nothing still begins with the temporary schema for the names of types.
    const { orgId } = victim;
    expect(await attempt('submit', `select longshore.submit(null, 'k', '1')`)).toContain('"submit"');
    await logins.submit!.query('discard plans');
    for (const type of ['text', 'uuid', 'jsonb', 'json', 'timestamptz']) {
      await attempt(
        'submit',
        `create or replace function pg_temp.steal(p_value pg_catalog.${type}) returns bool language plpgsql as $$
         begin
           if current_user = 'longshore_door' then
             perform pg_catalog.set_config('longshore.org_id', '${orgId}', true);
             raise exception 'stolen as %: %', current_user, (select string_agg(jobs.payload::pg_catalog.text, ' ') from longshore.jobs);
           end if;
           return true;
         end $$`,
      );
      await attempt(
        'submit',
        `create domain pg_temp.${type} as pg_catalog.${type} check (pg_temp.steal(value))`,
      );
      const submitted = await attempt('submit', `select longshore.submit(null, 'k', '1', '{"tags":["a"]}')`);
      expect(submitted, type).not.toContain('stolen');
    }
    expect(seen.leaks).toEqual([]);
  });
});

test('what the SQL door let through in all', async ({ task }) => {
  const after = await digestRows(database, victim.orgId);
  note(task, {
    suite: 'SQL door',
    principals: everybody.length,
    cases: seen.cases,
    leaks: seen.leaks.length,
    writes: countChanged(before, after),
  });
  expect(seen.leaks).toEqual([]);
  expect(after).toEqual(before);
});

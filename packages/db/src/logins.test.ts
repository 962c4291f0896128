import { useDatabase } from '@longshore/test-kit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin } from './admin.ts';
import { connect, type Database } from './connect.ts';
import { createLogins, type LoginRole, urlForLogin } from './logins.ts';

const database = useDatabase();
/** Roles belong to the whole server, other runs included. */
const run = crypto.randomUUID().slice(0, 8);
const made: string[] = [];
const clients: pg.Client[] = [];
let owner: Database;

beforeAll(async () => {
  owner = connect({ url: database.url, poolSize: 2 });
  for (const slug of ['acme', 'rival']) await createAdmin(owner).createOrg(slug);
});
afterAll(async () => {
  for (const client of clients) await client.end();
  for (const login of made) await database.query(`drop role if exists ${login}`);
  await owner.close();
});

const logIn = async (name: string, role: LoginRole, org?: string): Promise<pg.Client> => {
  const login = `ls_${run}_${name}`;
  const password = await createLogins(owner).ensureLogin({ login, role, org });
  made.push(login);
  const client = new pg.Client({ connectionString: urlForLogin(database.url, login, password) });
  clients.push(client);
  await client.connect();
  return client;
};
const submitTo = (client: pg.Client, org: string | null) =>
  client.query<{ id: string }>("select longshore.submit($1, 'k', '1') as id", [org]);

describe('a login that submits', () => {
  test('submits to its own org, named or not, and sees nothing of what it submitted', async () => {
    const client = await logIn('submitter', 'submit', 'acme');
    await submitTo(client, 'acme');
    await submitTo(client, null);
    await expect(client.query('select * from longshore.jobs')).rejects.toMatchObject({ code: '42501' });
    await expect(
      client.query('select longshore.submit_jobs(1, $1, null, true)', ['[]']),
    ).rejects.toMatchObject({
      code: '42501',
    });
  });

  test('is told the same of another org as of one that does not exist', async () => {
    const client = await logIn('stranger', 'submit', 'acme');
    const refusals = await Promise.all(
      ['rival', 'nowhere'].map((org) => submitTo(client, org).catch((error: pg.DatabaseError) => error)),
    );
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ code: 'LS006', message: 'there is no such org', detail: 'org' });
    }
  });

  test('cannot name an org by a setting of its own, and one bound to two orgs must name one', async () => {
    const client = await logIn('double', 'submit', 'acme');
    await client.query(
      "select set_config('longshore.org', 'rival', false), set_config('longshore.org_id', '2', false)",
    );
    await expect(submitTo(client, null)).rejects.toMatchObject({ code: 'LS006' });
    await client.query("select set_config('longshore.org', '', false)");
    await submitTo(client, null);
    await createLogins(owner).bindLogin({ login: `ls_${run}_double`, role: 'submit', org: 'rival' });
    await expect(submitTo(client, null)).rejects.toMatchObject({ code: 'LS006' });
    await submitTo(client, 'rival');
    await createLogins(owner).unbindLogin({ login: `ls_${run}_double`, org: 'rival' });
    await expect(submitTo(client, 'rival')).rejects.toMatchObject({ code: 'LS006' });
  });
});

test('a new login has deadlines of its own, which hold behind a pooler: shorter ones for the API', async () => {
  const timesOf = async (client: pg.Client) => {
    const { rows } = await client.query(
      `select
        current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
        current_setting('idle_in_transaction_session_timeout') as idle`,
    );
    return rows[0];
  };
  const short = { statement: '30s', lock: '5s', idle: '1min' };
  expect(await timesOf(await logIn('hasty', 'submit', 'acme'))).toEqual(short);
  expect(await timesOf(await logIn('glancing', 'reader', 'acme'))).toEqual(short);
  const shorter = { statement: '10s', lock: '1s', idle: '10s' };
  expect(await timesOf(await logIn('process', 'api'))).toEqual(shorter);
});

describe('a login that reads', () => {
  const orgsSeenBy = async (client: pg.Client): Promise<string[]> => {
    const { rows } = await client.query<{ slug: string }>(
      'select distinct orgs.slug from longshore.all_jobs join longshore.orgs on orgs.id = all_jobs.org_id order by 1',
    );
    return rows.map(({ slug }) => slug);
  };

  test('sees the jobs of the orgs it is bound to, and no lease token or hash', async () => {
    for (const org of ['acme', 'rival'])
      await owner.pool.query("select longshore.submit($1, 'k', '1')", [org]);
    expect(await orgsSeenBy(await logIn('reader', 'reader', 'rival'))).toEqual(['rival']);
    expect(await orgsSeenBy(await logIn('every_reader', 'reader', '*'))).toEqual(['acme', 'rival']);
    const client = await logIn('nosy', 'reader', 'acme');
    await expect(client.query('select lease_token from longshore.jobs')).rejects.toMatchObject({
      code: '42501',
    });
    await expect(client.query('select hash from longshore.api_keys')).rejects.toMatchObject({
      code: '42501',
    });
    await client.query("select set_config('longshore.org_id', '2', false)");
    expect(await orgsSeenBy(client)).toEqual(['acme']);
  });

  test('sees nothing once it is bound to no org', async () => {
    const client = await logIn('unbound', 'reader', 'acme');
    await createLogins(owner).unbindLogin({ login: `ls_${run}_unbound`, org: 'acme' });
    expect(await orgsSeenBy(client)).toEqual([]);
  });
});

test('a role of another purpose is neither taken over nor given a password', async () => {
  await expect(createLogins(owner).ensureLogin({ login: 'postgres', role: 'api' })).rejects.toMatchObject({
    code: 'CONFLICT',
    field: 'login',
  });
});

describe('a login belongs to the org that it was made for', () => {
  const orgsOf = async (login: string): Promise<string[]> =>
    (await createLogins(owner).listLogins()).filter((bound) => bound.login === login).map(({ org }) => org);

  test('made again for another org it is refused, and keeps its password and its org', async () => {
    for (const role of ['reader', 'submit'] as const) {
      const login = `ls_${run}_taken_${role}`;
      const client = await logIn(`taken_${role}`, role, 'acme');
      await expect(createLogins(owner).ensureLogin({ login, role, org: 'rival' })).rejects.toMatchObject({
        code: 'CONFLICT',
        field: 'login',
        hint: expect.stringContaining('logins bind'),
      });
      expect(await orgsOf(login)).toEqual(['acme']);
      const again = new pg.Client({ connectionString: urlForLogin(database.url, login, client.password!) });
      clients.push(again);
      await again.connect();
    }
  });

  test('made again for its own org it has a new password', async () => {
    const first = await logIn('renewed', 'reader', 'acme');
    const second = await logIn('renewed', 'reader', 'acme');
    expect(second.password).not.toBe(first.password);
    expect(await orgsOf(`ls_${run}_renewed`)).toEqual(['acme']);
  });

  test('of two orgs that make it at a time, one gets it', async () => {
    const login = `ls_${run}_contested`;
    made.push(login);
    const outcomes = await Promise.allSettled(
      ['acme', 'rival'].map((org) => createLogins(owner).ensureLogin({ login, role: 'reader', org })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'CONFLICT' },
    });
    expect(await orgsOf(login)).toHaveLength(1);
  });

  test('dropped and made anew it has nothing of the orgs that its name was bound to', async () => {
    const login = `ls_${run}_reborn`;
    const first = await logIn('reborn', 'reader', 'acme');
    await first.end();
    clients.splice(clients.indexOf(first), 1);
    await database.query(`drop role ${login}`);
    await logIn('reborn', 'reader', 'rival');
    expect(await orgsOf(login)).toEqual(['rival']);
  });
});

describe('who serves every org is not bound to one', () => {
  test.for(['reader', 'submit'] as const)('an API login is not made a %s', async (role) => {
    const login = `ls_${run}_api_${role}`;
    await logIn(`api_${role}`, 'api');
    await expect(createLogins(owner).bindLogin({ login, role, org: 'acme' })).rejects.toMatchObject({
      code: 'CONFLICT',
      field: 'login',
    });
  });

  test.for(['reader', 'submit'] as const)('a %s is not made an API login', async (role) => {
    const login = `ls_${run}_${role}_api`;
    await logIn(`${role}_api`, role, 'acme');
    await expect(createLogins(owner).bindLogin({ login, role: 'api' })).rejects.toMatchObject({
      code: 'CONFLICT',
      field: 'login',
    });
  });

  test('the roles of Longshore are given none of each other', async () => {
    for (const login of ['longshore_submit', 'longshore_system'])
      await expect(
        createLogins(owner).bindLogin({ login, role: 'reader', org: 'acme' }),
      ).rejects.toMatchObject({ code: 'CONFLICT', field: 'login' });
  });
});

test('who is bound to what is listed', async () => {
  await logIn('listed', 'reader', '*');
  expect(await createLogins(owner).listLogins()).toContainEqual(
    expect.objectContaining({ login: `ls_${run}_listed`, org: '*' }),
  );
});

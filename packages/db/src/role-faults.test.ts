import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Database } from './connect.ts';
import { createLogins, urlForLogin } from './logins.ts';
import { readRoleFaults } from './role-faults.ts';

const database = useDatabase();
/** Roles belong to the whole server, other runs included. */
const run = crypto.randomUUID().slice(0, 8);
const made: string[] = [];
let owner: Database;

beforeAll(() => {
  owner = connect({ url: database.url, poolSize: 1 });
});
afterAll(async () => {
  for (const role of made) await database.query(`drop role if exists ${role}`);
  await owner.close();
});

const makeRole = async (name: string, traits = 'nologin'): Promise<string> => {
  const role = `ls_${run}_${name}`;
  await database.query(`create role ${role} ${traits}`);
  made.push(role);
  return role;
};

/** The faults of an API login that was then given a role by hand. */
const faultsWith = async (name: string, given?: string): Promise<string[]> => {
  const login = `ls_${run}_${name}`;
  const password = await createLogins(owner).ensureLogin({ login, role: 'api' });
  made.push(login);
  if (given) await database.query(`grant ${given} to ${login}`);
  const db = connect({ url: urlForLogin(database.url, login, password), poolSize: 1 });
  try {
    return await readRoleFaults(db);
  } finally {
    await db.close();
  }
};

test('a plain member of longshore_api has no fault', async () => {
  expect(await faultsWith('plain')).toEqual([]);
});

test('a login that was made by hand without deadlines is told how to get them', async () => {
  const login = await makeRole('handmade', "login password 'handmade' in role longshore_api");
  const db = connect({ url: urlForLogin(database.url, login, 'handmade'), poolSize: 1 });
  const faults = await readRoleFaults(db).finally(() => db.close());
  expect(faults).toEqual(
    ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'].map((name) =>
      expect.stringContaining(`alter role ${login} set ${name}`),
    ),
  );
});

test.for(['longshore_system', 'longshore_door', 'longshore_reader'])(
  'a member of %s is not fit to serve requests',
  async (role) => {
    expect(await faultsWith(role.slice(10), role)).toEqual([expect.stringContaining(`member of ${role},`)]);
  },
);

test.for(['bypassrls', 'superuser'])('a member of a role that is %s is not fit either', async (trait) => {
  const given = await makeRole(`is_${trait}`, trait);
  expect(await faultsWith(`has_${trait}`, given)).toContainEqual(
    expect.stringContaining(`member of ${given},`),
  );
});

test('a membership by way of another role counts', async () => {
  const group = await makeRole('group');
  await database.query(`grant longshore_reader to ${group}`);
  expect(await faultsWith('indirect', group)).toEqual([expect.stringContaining('longshore_reader')]);
});

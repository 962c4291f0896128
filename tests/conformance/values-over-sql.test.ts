import { errorCodes } from '@longshore/contract';
import { connect, createAdmin } from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import { beforeAll, describe, expect, test } from 'vitest';
import { jsonCorpus, textOfBytes } from './json-corpus.ts';

const database = useDatabase();

beforeAll(async () => {
  const db = connect({ url: database.url, poolSize: 1 });
  await createAdmin(db).createOrg('acme');
  await db.close();
});

const submit = async (payload: string | null, options = '{}', kind: string | null = 'k'): Promise<string> => {
  const sql = 'select longshore.submit($1, $2, $3::jsonb, $4::jsonb) as id';
  const [row] = await database.query<{ id: string }>(sql, ['acme', kind, payload, options]);
  return row!.id;
};
const readPayload = async (id: string): Promise<unknown> =>
  (await database.query<{ payload: unknown }>('select payload from longshore.jobs where id = $1', [id]))[0]
    ?.payload;
const countJobs = async (): Promise<number> => (await database.query('select from longshore.jobs')).length;

/** What jsonb itself will not hold never reaches our functions: PostgreSQL's own SQLSTATEs of class 22. */
const refusedByJsonb = /NUL|surrogate/;

describe.for(jsonCorpus)('$name', ({ name, json, verdict }) => {
  const refusal = refusedByJsonb.test(name)
    ? { code: expect.stringMatching(/^22P0[25]$/) }
    : { code: errorCodes.INVALID_INPUT.sqlState };

  test('as a payload', async () => {
    if ('value' in verdict) return expect(await readPayload(await submit(json))).toEqual(verdict.value);
    const before = await countJobs();
    const error = await submit(json).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(refusal);
    if (!refusedByJsonb.test(name)) expect(error).toMatchObject({ detail: 'jobs[0].payload' });
    expect(await countJobs()).toBe(before);
  });

  test('as metadata', async () => {
    if ('value' in verdict) return;
    const error = await submit('1', `{"metadata":{"m":${json}}}`).catch((thrown: unknown) => thrown);
    // jsonb writes 1e100000 out in full, which is too large for metadata before it is anything else.
    expect(error).toMatchObject(name.includes('far beyond') ? { code: 'LS003' } : refusal);
    if (!refusedByJsonb.test(name)) expect(error).toMatchObject({ detail: 'jobs[0].metadata' });
  });
});

test('a payload that is SQL null is the JSON value null', async () => {
  expect(await readPayload(await submit(null))).toBeNull();
});

test('a payload of 1 MiB is stored, one byte more is refused', async () => {
  expect(await readPayload(await submit(textOfBytes(1_048_576)))).toHaveLength(1_048_574);
  await expect(submit(textOfBytes(1_048_577))).rejects.toMatchObject({
    code: 'LS003',
    detail: 'jobs[0].payload',
  });
});

test.for([
  ['a kind that is null', () => submit('1', '{}', null), 'LS001', 'jobs[0].kind'],
  ['an empty kind', () => submit('1', '{}', ''), 'LS001', 'jobs[0].kind'],
  ['options that are a list', () => submit('1', '[1]'), 'LS001', /^jobs/],
  ['options that are text', () => submit('1', '"x"'), 'LS001', /^jobs/],
  ['an unknown option', () => submit('1', '{"prioritty":1}'), 'LS002', 'jobs[0].prioritty'],
  ['an option in camelCase', () => submit('1', '{"maxAttempts":1}'), 'LS002', 'jobs[0].maxAttempts'],
  ['the kind as an option', () => submit('1', '{"kind":"x"}'), 'LS002', 'jobs[0].kind'],
  ['the payload as an option', () => submit('1', '{"payload":2}'), 'LS002', 'jobs[0].payload'],
  ['an internal column as an option', () => submit('1', '{"route_id":1}'), 'LS002', 'jobs[0].route_id'],
  ['an internal mark as an option', () => submit('1', '{"is_repeat":false}'), 'LS002', 'jobs[0].is_repeat'],
  ['a priority of a googol', () => submit('1', '{"priority":1e100}'), 'LS001', 'jobs[0].priority'],
  [
    'an instant that no calendar has',
    () => submit('1', '{"run_at":"2030-02-30T00:00:00Z"}'),
    'LS001',
    'jobs[0].run_at',
  ],
  [
    'an hour that no day has',
    () => submit('1', '{"run_at":"2030-02-20T25:00:00Z"}'),
    'LS001',
    'jobs[0].run_at',
  ],
  [
    'an offset that no place has',
    () => submit('1', '{"run_at":"2030-02-20T15:00:00+99:00"}'),
    'LS001',
    'jobs[0].run_at',
  ],
  [
    'a year that no calendar has',
    () => submit('1', '{"run_at":"0000-01-01T00:00:00Z"}'),
    'LS001',
    'jobs[0].run_at',
  ],
] as const)('%s is refused', async ([, call, code, field]) => {
  const error = (await call().catch((thrown: unknown) => thrown)) as { code: string; detail?: string };
  expect(error.code).toMatch(code);
  expect(error.detail ?? '').toMatch(field);
});

/** The options of a submit, each with what it does not take. */
const options = {
  text: [
    ...['queue', 'category', 'external_id', 'idempotency_key', 'batch_id', 'after_batch'],
    ...['id', 'run_at', 'on_dependency_failure'],
  ],
  list: ['required_capabilities', 'tags', 'depends_on'],
  number: ['priority', 'max_attempts', 'timeout_seconds', 'delay_seconds', 'idempotency_key_seconds'],
  object: ['backoff', 'metadata'],
};
const values = {
  null: ['null'],
  text: ['"x"', '""', String.raw`"\u0001"`, '"CANCEL"'],
  list: ['[]', '[null]', '[[]]'],
  number: ['0', '1.5', '1e400', '-1e400', '1e-400', '-1e-400', '1e-16000', '1e131000'],
  object: ['{}'],
  boolean: ['true'],
};
const kinds = Object.keys(values) as (keyof typeof values)[];

describe.for(Object.entries(options))('an option that is a %s', ([kind, names]) => {
  test.for(names)('%s refuses null and values of another type', async (name) => {
    for (const value of kinds.filter((other) => other !== kind).flatMap((other) => values[other])) {
      const error = await submit('1', `{"${name}":${value}}`).catch((thrown: unknown) => thrown);
      expect(error, value).toMatchObject({
        code: expect.stringMatching(/^LS00[13]$/),
        detail: `jobs[0].${name}`,
      });
    }
  });

  test.for(names)('%s is taken or refused, and never fails inside', async (name) => {
    const parts = ['base_seconds', 'cap_seconds', 'jitter', 'type'].flatMap((part) =>
      Object.values(values)
        .flat()
        .map((value) =>
          JSON.stringify({ type: 'fixed', base_seconds: 1, [part]: 0 }).replace(
            `"${part}":0`,
            `"${part}":${value}`,
          ),
        ),
    );
    const own = values[kind as keyof typeof values];
    for (const value of name === 'backoff' ? parts : own) {
      const error = await submit('1', `{"${name}":${value}}`).catch((thrown: unknown) => thrown);
      if (typeof error !== 'string')
        expect(error, value).toMatchObject({ code: expect.stringMatching(/^LS/) });
    }
  });
});

test.for(['delay_seconds', 'priority', 'idempotency_key_seconds'])(
  '%s outside of its range or too small to be told from 0 is refused',
  async (name) => {
    for (const value of ['1e400', '-1e400', '1e-400', '-1e-400', '1e131000', '1e-16000'])
      await expect(submit('1', `{"${name}":${value}}`), value).rejects.toMatchObject({
        code: 'LS001',
        detail: `jobs[0].${name}`,
      });
  },
);

test.for(['base_seconds', 'cap_seconds', 'jitter', 'type'])(
  'a backoff whose %s is null is refused',
  async (part) => {
    const backoff = JSON.stringify({ type: 'fixed', base_seconds: 1, [part]: null });
    await expect(submit('1', `{"backoff":${backoff}}`)).rejects.toMatchObject({
      code: 'LS001',
      detail: 'jobs[0].backoff',
    });
  },
);

test('ids that are null are refused in a list of jobs too', async () => {
  const jobs = '[{"kind":"k","payload":1,"id":null},{"kind":"k","payload":1,"id":null}]';
  await expect(database.query("select longshore.submit_many('acme', $1)", [jobs])).rejects.toMatchObject({
    code: 'LS001',
    detail: 'jobs[0].id',
  });
});

test.for([
  ['an unknown org', 'nobody', '[{"kind":"k","payload":1}]', 'LS006', 'org'],
  ['the org of the system itself', 'longshore', '[{"kind":"k","payload":1}]', 'LS006', 'org'],
  ['an object for a list', 'acme', '{"kind":"k","payload":1}', 'LS001', 'jobs'],
  ['an empty list', 'acme', '[]', 'LS001', 'jobs'],
  ['a null among the jobs', 'acme', '[{"kind":"k","payload":1},null]', 'LS001', 'jobs[1]'],
  [
    'a bad job among good ones',
    'acme',
    '[{"kind":"k","payload":1},{"kind":"k","payload":1,"x":1}]',
    'LS002',
    'jobs[1].x',
  ],
] as const)('submit_many with %s is refused, and nothing is stored', async ([, org, jobs, code, detail]) => {
  const before = await countJobs();
  const call = database.query('select * from longshore.submit_many($1, $2::jsonb)', [org, jobs]);
  await expect(call).rejects.toMatchObject({ code, detail });
  expect(await countJobs()).toBe(before);
});

test('B-38: a job of a megabyte notifies with a few bytes', async () => {
  const client = await database.connect();
  await client.query('listen longshore');
  const heard = new Promise<string>((resolve) =>
    client.on('notification', ({ payload }) => resolve(payload ?? '')),
  );
  await submit(textOfBytes(1_000_000));
  expect((await heard).length).toBeLessThanOrEqual(200);
});

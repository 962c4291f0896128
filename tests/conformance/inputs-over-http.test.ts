import { appRouter } from '@longshore/api';
import { type Role, uuidV7 } from '@longshore/contract';
import { useApi } from '@longshore/test-kit';
import { afterEach, describe, expect, test } from 'vitest';
import { getRaw, postRaw, type RawAnswer } from './post-raw.ts';

const api = useApi();

/** Every procedure there is, by its full name (the type says nested, but it is flat); a new one is tested without a word here. */
const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string; inputs: unknown[] } }>,
).map(([name, { _def }]) => ({ name, type: _def.type, hasInput: _def.inputs.length > 0 }));

const roleOf = (name: string): Role => {
  if (name.startsWith('orgs.')) return 'operator';
  if (name.startsWith('worker.')) return 'worker';
  return name.startsWith('jobs.') ? 'submit' : 'admin';
};

const call = ({ name, type }: { name: string; type: string }, input: string): Promise<RawAnswer> =>
  type !== 'mutation'
    ? getRaw(api.url, name, api.keys[roleOf(name)], input)
    : postRaw(api.url, name, api.keys[roleOf(name)], input);

const wrongInputs = {
  null: 'null',
  'an array': '[]',
  'a string': '"text"',
  'a number': '7',
  'no fields': '{}',
  'an unknown field': '{"surely_unknown":1}',
  'wrong types':
    '{"id":[],"ids":7,"jobs":{},"items":"x","kind":0,"kinds":null,"name":{},"sessionId":[],"slug":1,"queue":[],"role":1,"externalId":0,"batchId":{},"limit":"1"}',
  'the key __proto__': '{"__proto__":{"id":"0189aaaa-0000-7000-8000-000000000000"}}',
  'a prototype in its path': '{"constructor":{"prototype":{"x":1}}}',
};

/** They may be asked without any condition. */
const unconditional = ['jobs.list', 'audit.list', 'workers.inbox', 'workers.pick'];

afterEach(async () => {
  expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
});

describe.for(procedures.filter(({ hasInput }) => hasInput))('$name', (procedure) => {
  const wrong = Object.entries(wrongInputs).filter(
    ([title]) => !unconditional.includes(procedure.name) || title !== 'no fields',
  );

  test.for(wrong)('refuses %s', async ([title, input]) => {
    const { status, error, text } = await call(procedure, input);
    expect(status).toBe(400);
    expect(['INVALID_INPUT', 'UNKNOWN_OPTION']).toContain(error?.code);
    if (title === 'no fields' || title === 'an unknown field') expect(error?.field).toBeTruthy();
    expect(text).not.toMatch(/stack|node_modules|\.ts:\d/);
  });

  test('refuses a body that is no JSON', async () => {
    const { status, error, text } = await call(procedure, '{"id":');
    expect(status).toBe(400);
    expect(error?.code).toBe('INVALID_INPUT');
    expect(text).not.toMatch(/stack|node_modules|\.ts:\d/);
  });
});

test.for(procedures.filter(({ hasInput }) => !hasInput))(
  '$name takes no input and minds none',
  async (procedure) => {
    expect((await call(procedure, '{"surely_unknown":1}')).status).toBe(200);
  },
);

test.for(procedures)('$name is closed to whoever has no key', async (procedure) => {
  for (const key of [
    '',
    'lsh_admin_nonsense',
    api.keys.admin.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
  ]) {
    const { status, error } = await (procedure.type !== 'mutation'
      ? getRaw(api.url, procedure.name, key, '{}')
      : postRaw(api.url, procedure.name, key, '{}'));
    expect({ status, code: error?.code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  }
});

describe('items are judged one by one', () => {
  test.for(['complete', 'fail', 'release', 'snooze', 'report'])('worker.%s', async (verb) => {
    const { data } = await call(
      { name: `worker.${verb}`, type: 'mutation' },
      '{"items":[null,[],"x",{},{"id":"x","bogus":1}]}',
    );
    const { answers } = data as { answers: { ok: boolean; error: { code: string; field: string } }[] };
    expect(answers).toHaveLength(5);
    answers.forEach(({ ok, error }, place) => {
      expect(ok).toBe(false);
      expect(['INVALID_INPUT', 'UNKNOWN_OPTION']).toContain(error.code);
      expect(error.field).toMatch(new RegExp(`^items\\[${place}\\]`));
    });
  });

  test('jobs.submitEach', async () => {
    const { data } = await call(
      { name: 'jobs.submitEach', type: 'mutation' },
      '{"jobs":[null,{"kind":"ok","payload":1},{"kind":"k","payload":1,"x":1}]}',
    );
    expect(data).toMatchObject({
      answers: [
        { ok: false },
        { ok: true },
        { ok: false, error: { code: 'UNKNOWN_OPTION', field: 'jobs[2].x' } },
      ],
    });
  });
});

test('a job whose parent is refused in the same batch is refused with it, and holds up no other', async () => {
  const [missing, parent, child] = [uuidV7(), uuidV7(), uuidV7()];
  const jobs = [
    { id: parent, kind: 'k', payload: 1, dependsOn: [missing] },
    { id: child, kind: 'k', payload: 2, dependsOn: [parent] },
    { kind: 'k', payload: 3 },
  ];
  const { data } = await call({ name: 'jobs.submitEach', type: 'mutation' }, JSON.stringify({ jobs }));
  const refused = { ok: false, error: { code: 'INVALID_INPUT' } };
  expect(data).toMatchObject({ answers: [refused, refused, { ok: true, state: 'available' }] });
});

describe('ids in capitals are the same ids', () => {
  const post = (name: string, input: unknown) => call({ name, type: 'mutation' }, JSON.stringify(input));

  test('from submit to finish', async () => {
    const id = uuidV7();
    expect(
      (await post('jobs.submit', { id: id.toUpperCase(), kind: 'capital', payload: null })).data,
    ).toMatchObject({ id });
    const { sessionId } = (await post('worker.openSession', { kinds: ['capital'] })).data as {
      sessionId: string;
    };
    const { data } = await post('worker.claim', { sessionId: sessionId.toUpperCase(), limit: 1 });
    const [{ leaseToken } = { leaseToken: '' }] = (data as { jobs: { leaseToken: string }[] }).jobs;
    const held = [{ id: id.toUpperCase(), leaseToken: leaseToken.toUpperCase() }];
    expect((await post('worker.heartbeat', { sessionId, held })).data).toEqual({
      lost: [],
      cancel: [],
      messages: [],
    });

    const stolen = [
      { id: id.toUpperCase(), leaseToken: 'AAAAAAAA-0000-0000-0000-000000000000', error: { message: 'x' } },
    ];
    expect((await post('worker.fail', { items: stolen })).data).toMatchObject({
      answers: [{ ok: false, id, state: 'running', error: { code: 'LEASE_LOST' } }],
    });
    expect((await post('worker.complete', { items: held })).data).toMatchObject({
      answers: [{ ok: true, id, state: 'completed' }],
    });
  });
});

describe('the transport', () => {
  test('a batch of ten calls is served, one of eleven or of ten thousand is refused', async () => {
    const batch = async (calls: number): Promise<number> => {
      const path = Array.from({ length: calls }, () => 'whoami').join(',');
      const headers = { authorization: `Bearer ${api.keys.submit}` };
      return (await fetch(`${api.url}/trpc/${path}?batch=1&input=${encodeURIComponent('{}')}`, { headers }))
        .status;
    };
    expect(await batch(10)).toBe(200);
    expect(await batch(11)).toBe(400);
    const commas = await fetch(`${api.url}/trpc/${','.repeat(10_000)}?batch=1`);
    expect([400, 404, 414]).toContain(commas.status);
  });

  test('a body over the limit, another content type and an unknown path are refused', async () => {
    const huge = await postRaw(
      api.url,
      'jobs.submit',
      api.keys.submit,
      `{"kind":"k","payload":"${'x'.repeat(9_000_000)}"}`,
    );
    expect(huge).toMatchObject({ status: 413, error: { code: 'TOO_LARGE' } });
    const headers = { authorization: `Bearer ${api.keys.submit}`, 'content-type': 'text/plain' };
    const foreign = await fetch(`${api.url}/trpc/jobs.submit`, { method: 'POST', headers, body: '{}' });
    expect(foreign.status).toBe(400);
    expect((await postRaw(api.url, 'jobs.nothing', api.keys.submit, '{}')).status).toBe(404);
  });
});

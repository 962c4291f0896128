import * as fc from 'fast-check';
import type { RawRequest } from '../surface/open-app.ts';
import { type Procedure, procedures } from '../surface/procedures.ts';
import { badLetters, hostileTexts, letters } from './hostile.ts';
import { corruptible, inputArbitrary } from './input-arbitrary.ts';
import { jobArbitrary } from './sql-arbitrary.ts';

export type Caller = 'operator' | 'admin' | 'submit' | 'worker' | 'malformed' | 'none';

export interface Call {
  procedure: Pick<Procedure, 'name' | 'type'>;
  caller: Caller;
  input: string;
}

/** One case, before the caller's own ids are put in. */
export type FuzzCase =
  | ({ target: 'call'; isOverSocket: boolean } & Call)
  /** Several calls of one kind in one request. */
  | { target: 'batch'; caller: Caller; isQuery: boolean; names: string[]; inputs: string }
  | {
      target: 'raw';
      method: RawRequest['method'];
      path: string;
      headers: Record<string, string>;
      body: string;
    }
  | { target: 'sql'; org: string | null; kind: string | null; payload: string; options: string }
  | { target: 'sql many'; org: string | null; jobs: string };

const strangers: readonly Caller[] = ['operator', 'admin', 'submit', 'worker', 'malformed', 'none'];

/** Made once: making an arbitrary costs more than drawing from it. */
const inputs = new Map(procedures.map((procedure) => [procedure.name, inputArbitrary(procedure)]));

const callOf = (procedure: Procedure): fc.Arbitrary<FuzzCase> =>
  fc.record({
    target: fc.constant('call' as const),
    procedure: fc.constant({ name: procedure.name, type: procedure.type }),
    caller: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom<Caller>(...procedure.roles!) },
      { weight: 1, arbitrary: fc.constantFrom(...strangers) },
    ),
    input: inputs.get(procedure.name)!,
    isOverSocket: fc.nat(50).map((chance) => chance === 0),
  });

/**
 * Those that list all there is cost much and take no input, and those that end all there is leave the others nothing to do:
 * they come less often.
 */
const weightOf = ({ name, input }: Procedure): number => (input === null || /All$/.test(name) ? 1 : 10);

const calls = fc.oneof(
  ...procedures.map((procedure) => ({
    weight: weightOf(procedure),
    arbitrary: callOf(procedure),
  })),
);

/** Calls that one key may make, mostly, and now and then one that it may not. */
const batchesOf = (isQuery: boolean, caller: Caller): fc.Arbitrary<FuzzCase> => {
  const entries = procedures
    .filter(({ type }) => (type === 'query') === isQuery)
    .map((procedure) => ({
      weight: procedure.roles!.some((role) => role === caller) ? weightOf(procedure) : 1,
      arbitrary: fc.record({ name: fc.constant(procedure.name), input: inputs.get(procedure.name)! }),
    }));
  return fc.array(fc.oneof(...entries), { minLength: 1, maxLength: 11, size: 'max' }).map((calls) => ({
    target: 'batch' as const,
    caller,
    isQuery,
    names: calls.map(({ name }) => name),
    inputs: `{${calls.map(({ input }, place) => `"${place}":${parsable(input)}`).join()}}`,
  }));
};

/** One input that is no JSON would hide all others of its batch; single calls have enough of them. */
const parsable = (input: string): string => {
  try {
    JSON.parse(input);
    return input;
  } catch {
    return 'null';
  }
};

const batches = fc.oneof(
  ...strangers.flatMap((caller) => {
    const weight = ['admin', 'submit', 'worker'].includes(caller) ? 5 : 1;
    return [true, false].map((isQuery) => ({ weight, arbitrary: batchesOf(isQuery, caller) }));
  }),
);

const badText = fc.string({ maxLength: 20, unit: fc.constantFrom(...letters, ...badLetters) });

const paths = fc.oneof(
  fc.constantFrom(...procedures.map(({ name }) => `/trpc/${name}`)),
  fc.constantFrom(
    ...[
      '/',
      '/trpc',
      '/trpc/',
      '/trpc/,',
      '/trpc/,,,,,',
      '/trpc/whoami,',
      '/trpc/%2C%2C',
      '/trpc/__proto__',
      '/trpc/a.b.c',
    ],
    ...[
      '/trpc/constructor',
      '/trpc/jobs',
      '/trpc/jobs.',
      '/trpc/..%2f..',
      '/trpc/%00',
      '/trpc/%',
      '/health/live/',
      '/health',
    ],
    ...[
      '/health/ready',
      '/health/live?x=1',
      '/trpc/whoami?batch=1',
      '/trpc/whoami?batch=1&input=',
      '/trpc/whoami?input=%ff',
    ],
    ...[
      '/trpc/whoami?batch=1&input=%7B',
      '/trpc/jobs.get?input={',
      '/trpc/whoami?batch=2',
      '//trpc/whoami',
      '/TRPC/whoami',
    ],
    `/trpc/${','.repeat(5_000)}`,
    `/trpc/${'x'.repeat(70_000)}`,
  ),
  fc.webPath().map((path) => `/trpc${path}`),
);

const contentTypes = fc.constantFrom(
  ...[
    'application/json',
    'Application/JSON;charset=utf-8',
    'application/json; charset=utf-16',
    'application/json\t;x=y',
  ],
  ...[
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
  ],
  ...['', ';', 'application/jsonx', 'application/json, text/plain', 'json', 'application/xml'],
);

const raw: fc.Arbitrary<FuzzCase> = fc.record({
  target: fc.constant('raw' as const),
  method: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('GET' as const, 'POST' as const, 'POST' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...(['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)),
    },
  ),
  path: paths,
  headers: fc.record(
    {
      'content-type': contentTypes,
      // Nothing of a body is read without a good key, so most have one.
      authorization: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom('Bearer <<apiKey 0>>', 'bearer  <<apiKey 0>>') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            ...['Bearer', 'Bearer ', 'Bearer <<apiKey 0>> x', 'Basic YTpi', 'Bearer <<apiKey 1>>'],
          ),
        },
        { weight: 1, arbitrary: fc.stringMatching(/^[ -~]{0,40}$/) },
      ),
      'x-request-id': fc.stringMatching(/^[ -~]{0,80}$/),
      accept: fc.constantFrom('*/*', 'text/html', 'application/jsonl', ''),
      'trpc-accept': fc.constantFrom('application/jsonl', 'text/event-stream', 'x'),
      'content-encoding': fc.constantFrom('gzip', 'br', 'x'),
      'x-forwarded-for': fc.constantFrom('1.2.3.4', 'x', '::1, 10.0.0.1'),
    },
    { requiredKeys: [] },
  ),
  body: fc.oneof(fc.constantFrom(...hostileTexts), fc.json(), badText),
});

const orgs = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<string | null>(null, '<<slug 0>>') },
  { weight: 1, arbitrary: fc.string() },
);

const sql: fc.Arbitrary<FuzzCase> = fc.oneof(
  fc.record({
    target: fc.constant('sql' as const),
    org: orgs,
    kind: fc.oneof(fc.constant(null), fc.constant('<<jobKind 0>>'), badText),
    payload: corruptible(fc.jsonValue({ maxDepth: 3 })),
    options: corruptible(jobArbitrary),
  }),
  fc.record({
    target: fc.constant('sql many' as const),
    org: orgs,
    jobs: corruptible(
      fc.array(
        fc
          .tuple(jobArbitrary, fc.jsonValue({ maxDepth: 2 }))
          .map(([job, payload]) => ({ kind: '<<jobKind 0>>', payload, ...(job as object) })),
        { minLength: 1, maxLength: 4 },
      ),
    ),
  }),
);

/** All that is tried, by how often. */
export const fuzzCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  { weight: 60, arbitrary: calls },
  { weight: 16, arbitrary: batches },
  { weight: 8, arbitrary: raw },
  { weight: 16, arbitrary: sql },
);

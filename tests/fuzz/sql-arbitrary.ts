import * as fc from 'fast-check';
import { leavesOf } from '../surface/input-shape.ts';
import { procedures } from '../surface/procedures.ts';
import { someOf } from './input-arbitrary.ts';

/** The options of longshore.submit have the names of the API's, in snake_case, so the names are taken from there. */
const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const submit = procedures.find(({ name }) => name === 'jobs.submit')!;
const optionNames = [...new Set(leavesOf(submit.input).map(({ path }) => snake(path.split('.')[0]!)))].filter(
  (name) => name !== 'kind' && name !== 'payload',
);

const names = fc.array(fc.constantFrom('<<tag 0>>', 'cpu', 'gpu', 'a b'), { maxLength: 3 });
const seconds = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0, max: 1e9, noNaN: true }));

/** What each option takes. One that is not here gets any text or number, which is refused but must not break anything. */
const valuesOf: Record<string, fc.Arbitrary<unknown>> = {
  id: fc.oneof(fc.constant('<<job 0>>'), fc.uuid({ version: 7 })),
  queue: fc.constantFrom('<<queue 0>>', 'default'),
  priority: fc.integer({ min: -32_768, max: 32_767 }),
  required_capabilities: names,
  tags: names,
  max_attempts: fc.integer({ min: 1, max: 1_000 }),
  backoff: fc.record(
    {
      type: fc.constantFrom('fixed', 'exponential'),
      base_seconds: seconds,
      cap_seconds: seconds,
      jitter: fc.constantFrom('full', 'none'),
    },
    { requiredKeys: ['type', 'base_seconds'], noNullPrototype: true },
  ),
  timeout_seconds: seconds,
  delay_seconds: seconds,
  run_at: fc
    .date({ min: new Date('1990-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  external_id: fc.constantFrom('<<externalId 0>>', 'x'),
  idempotency_key: fc.constantFrom('<<idempotencyKey 0>>', 'once', 'twice'),
  idempotency_key_seconds: seconds,
  metadata: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
  batch_id: fc.constantFrom('<<batch 0>>', 'b'),
  after_batch: fc.constantFrom('<<batch 0>>', 'b', 'c'),
  depends_on: fc.array(fc.oneof(fc.constantFrom('<<job 0>>', '<<job 1>>'), fc.uuid()), {
    minLength: 1,
    maxLength: 3,
  }),
  on_dependency_failure: fc.constantFrom('cancel', 'run'),
  category: fc.constantFrom('<<category 0>>', 'llm'),
};

const anything = fc.oneof(fc.string(), fc.integer());

/** The options of one job. */
export const jobArbitrary: fc.Arbitrary<unknown> = someOf(
  Object.fromEntries(optionNames.map((name) => [name, valuesOf[name] ?? anything])),
  4,
);

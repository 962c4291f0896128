import { LongshoreError, type WorkerPolicyInput } from '@longshore/contract';
import type { OptionSpecs, ValuesOf } from './command.ts';
import { readChoice, readJson, readNumber, readWholeNumber } from './read-values.ts';

/** A flag for each part of a worker's policy; the contract says what each may be. */
export const policyFlags = {
  'allow-capabilities': {
    type: 'string',
    value: 'A,B',
    help: 'what it may claim to have; default: anything',
  },
  'deny-capabilities': { type: 'string', value: 'A,B', help: 'what it may never claim to have' },
  'allow-kinds': { type: 'string', value: 'A,B', help: 'kinds of jobs it may run; default: any' },
  'priority-min': { type: 'string', value: 'N', help: 'jobs of this priority and larger numbers only' },
  'priority-max': { type: 'string', value: 'N', help: 'jobs of this priority and smaller numbers only' },
  'max-concurrent-jobs': {
    type: 'string',
    value: 'N',
    help: 'so many at a time, all its processes together',
  },
  'category-limit': {
    type: 'string',
    multiple: true,
    value: 'NAME=N',
    help: 'so many of a category at a time; all that are to hold, once each',
  },
  'claims-per-minute': { type: 'string', value: 'N', help: 'so many jobs a minute' },
  'expires-in-seconds': { type: 'string', value: 'N', help: 'from then on it gets no jobs' },
  metadata: { type: 'string', value: 'JSON', help: 'an object for people to read' },
} as const satisfies OptionSpecs;

/** For a worker that has a policy already. */
export const liftFlags = {
  lift: { type: 'string', multiple: true, value: 'FLAG', help: 'removes a limit, such as allow-kinds' },
} as const satisfies OptionSpecs;

type PolicyFlags = ValuesOf<typeof policyFlags & typeof liftFlags>;

/** The parts of a policy that the flags name. Throws INVALID_INPUT for what cannot be read. */
export const readPolicy = (flags: PolicyFlags): WorkerPolicyInput => {
  const wholeNumber = (flag: 'priority-min' | 'priority-max' | 'max-concurrent-jobs' | 'claims-per-minute') =>
    read(flags[flag], (text) => readWholeNumber(flag, text));
  const given: WorkerPolicyInput = {
    allowedCapabilities: read(flags['allow-capabilities'], readList),
    deniedCapabilities: read(flags['deny-capabilities'], readList),
    allowedKinds: read(flags['allow-kinds'], readList),
    priorityMin: wholeNumber('priority-min'),
    priorityMax: wholeNumber('priority-max'),
    maxConcurrentJobs: wholeNumber('max-concurrent-jobs'),
    categoryLimits: read(flags['category-limit'], (limits) => Object.fromEntries(limits.map(readLimit))),
    claimsPerMinute: wholeNumber('claims-per-minute'),
    expiresInSeconds: read(flags['expires-in-seconds'], (text) => readNumber('expires-in-seconds', text)),
    // The server says what is wrong with JSON that is no object.
    metadata: read(flags.metadata, (text) => readJson('--metadata', text)) as WorkerPolicyInput['metadata'],
  };
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(set), ...readLifted(flags.lift ?? []) };
};

const unlimited: Record<string, WorkerPolicyInput> = {
  'allow-capabilities': { allowedCapabilities: null },
  'deny-capabilities': { deniedCapabilities: [] },
  'allow-kinds': { allowedKinds: null },
  'max-concurrent-jobs': { maxConcurrentJobs: null },
  'category-limit': { categoryLimits: {} },
  'claims-per-minute': { claimsPerMinute: null },
  'expires-in-seconds': { expiresInSeconds: null },
};

const readLifted = (lifted: readonly string[]): WorkerPolicyInput =>
  Object.assign({}, ...lifted.map((flag) => unlimited[readChoice('lift', flag, Object.keys(unlimited))]));

const read = <Given, Value>(given: Given | undefined, toValue: (given: Given) => Value): Value | undefined =>
  given === undefined ? undefined : toValue(given);

const readList = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

const readLimit = (text: string): [string, number] => {
  const equals = text.lastIndexOf('=');
  if (equals < 1)
    throw new LongshoreError(
      'INVALID_INPUT',
      `--category-limit must be NAME=N, not ${JSON.stringify(text)}.`,
    );
  return [text.slice(0, equals), readWholeNumber('category-limit', text.slice(equals + 1))];
};

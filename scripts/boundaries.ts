import { posix } from 'node:path';
import { type Literal, literalsOf, type SourceFile } from './source-text.ts';

/** Which rooms each room may import. A `type:` arrow allows `import type` alone. */
const arrows: Record<string, readonly string[] | 'anything'> = {
  contract: [],
  db: ['contract'],
  sdk: ['contract', 'type:api'],
  api: ['contract', 'db'],
  worker: ['contract', 'sdk'],
  cli: ['contract', 'db', 'local-postgres', 'sdk'],
  'local-postgres': [],
  'test-kit': 'anything',
  tests: 'anything',
  bench: 'anything',
  scripts: [],
};

/** Rooms that speak to PostgreSQL themselves. */
const databaseRooms = ['db', 'test-kit', 'tests', 'bench'];

/** Files elsewhere that may import pg or kysely. */
const driverExceptions = [
  // Callers hand submitIn a transaction of their own pg or kysely; its tests do as they do.
  /^packages\/sdk\/src\/.*\.test(-d)?\.ts$/,
];

/** Files elsewhere that may hold SQL. */
const sqlExceptions = [
  // Runs longshore.submit inside the caller's own transaction, over the caller's own driver.
  /^packages\/sdk\/src\/submit-in\.ts$/,
  // Tests look at what is stored.
  /\.test(-d)?\.ts$/,
];

/** Second doors of a room. */
const sideDoors = [
  // Programs that measure run without vitest, which the main door needs.
  '@longshore/test-kit/processes',
  // Forms of other systems' workers and queues: who does not port code should not meet them.
  '@longshore/sdk/job-worker',
  '@longshore/sdk/worker-pool',
  '@longshore/sdk/queue-client',
];

const linesMax = 300;
const drivers = ['pg', 'kysely'];
const sqlPattern =
  /^\s*(select|insert\s+into|update|delete\s+from|with)\b[\s\S]*(\b(from|set|values|where)\b|longshore\.\w+\()/i;

export interface Violation {
  path: string;
  line: number;
  rule: string;
  remedy: string;
}
type Fault = Pick<Violation, 'rule' | 'remedy'>;
type Import = Required<Literal>;

/** All breaches of the import direction, of the place of SQL, and of the length of files. */
export const findViolations = (files: readonly SourceFile[]): Violation[] =>
  files.flatMap((file) => [
    ...findOverlong(file),
    ...(file.path.endsWith('.ts')
      ? literalsOf(file.text).flatMap((literal) => judge(file.path, literal))
      : []),
  ]);

const findOverlong = ({ path, text }: SourceFile): Violation[] => {
  const lines = text.trimEnd().split('\n').length;
  if (lines <= linesMax) return [];
  return [
    {
      path,
      line: linesMax + 1,
      rule: `${lines} lines, at most ${linesMax} allowed`,
      remedy: 'split it by idea',
    },
  ];
};

const judge = (path: string, literal: Literal): Violation[] => {
  const fault = isImport(literal)
    ? (driverFault(path, literal) ?? depthFault(path, literal) ?? arrowFault(path, literal))
    : sqlFault(path, literal);
  return fault ? [{ path, line: literal.line, ...fault }] : [];
};

const isImport = (literal: Literal): literal is Import => literal.importKind !== undefined;

const driverFault = (path: string, { value }: Import): Fault | undefined => {
  const isDriver = drivers.some((driver) => value === driver || value.startsWith(`${driver}/`));
  if (!isDriver || mayTouchDatabase(path, driverExceptions)) return undefined;
  return { rule: `imports ${value}`, remedy: 'ask packages/db through its door' };
};

const sqlFault = (path: string, { value }: Literal): Fault | undefined => {
  if (!sqlPattern.test(value) || mayTouchDatabase(path, sqlExceptions)) return undefined;
  return {
    rule: 'SQL outside packages/db',
    remedy: 'move the statement to packages/db or migrations/functions',
  };
};

const mayTouchDatabase = (path: string, exceptions: readonly RegExp[]): boolean =>
  databaseRooms.includes(roomOf(path) ?? '') || exceptions.some((exception) => exception.test(path));

const depthFault = (path: string, { value }: Import): Fault | undefined => {
  if (value.startsWith('.')) {
    const target = posix.join(posix.dirname(path), value);
    if (roomOf(path) === undefined || roomOf(target) === roomOf(path)) return undefined;
    return {
      rule: `reaches out of its room to ${target}`,
      remedy: 'import the other room by its package name',
    };
  }
  const [scope, room, ...inside] = value.split('/');
  if (scope !== '@longshore' || inside.length === 0 || sideDoors.includes(value)) return undefined;
  return {
    rule: `reaches into ${value}`,
    remedy: `import from '@longshore/${room}', and export what is missing there`,
  };
};

const arrowFault = (path: string, { value, importKind }: Import): Fault | undefined => {
  const [scope, target = ''] = value.split('/');
  const room = roomOf(path);
  if (scope !== '@longshore' || room === undefined || room === target) return undefined;
  if (target === 'test-kit' && path.endsWith('.test.ts')) return undefined;
  const allowed = arrows[room] ?? [];
  if (allowed === 'anything' || allowed.includes(target)) return undefined;
  if (!allowed.includes(`type:${target}`)) {
    return {
      rule: `${room} may not import ${target}`,
      remedy: 'turn the dependency round; the arrows are in scripts/boundaries.ts',
    };
  }
  return importKind === 'type'
    ? undefined
    : { rule: `${room} may import types alone from ${target}`, remedy: 'write `import type`' };
};

/** The workspace that a path lies in: `packages/db/src/x.ts` is in `db`; undefined for files of the root. */
const roomOf = (path: string): string | undefined => {
  const [first = '', second] = path.split('/');
  if (first === 'packages' || first === 'apps') return second;
  return first in arrows ? first : undefined;
};

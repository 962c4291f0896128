import { roles } from '@longshore/contract';
import { type Procedure, procedures } from '../surface/procedures.ts';
import { databaseRoles, type FunctionAccess, type TableAccess } from './sql-access.ts';

/** A route of the HTTP server. */
export interface Route {
  url: string;
  methods: string[];
}

/** Why a route is open to whoever reaches the port. A route that is not here fails the test. */
const openRoutes: Record<string, string> = {
  '/health/live': 'anybody: says only that the process answers',
  '/health/ready': 'anybody: says whether the database answers, and no more',
  '/trpc/:path': 'see the procedures below',
  '/trpc':
    'subscriptions over WebSocket, with a key in the upgrade or in the first message; see the procedures below',
  '/workers/socket':
    'workers with their key, which the first message brings; what came before it has no effect',
};

/** docs/access.md, from what the code and the database say. */
export const renderAccess = (routes: Route[], functions: FunctionAccess[], tables: TableAccess[]): string =>
  [
    '# Who may call what',
    '',
    'Written by `tests/attack/access-table.test.ts` from the router, the server and the database, and compared by it:',
    'a change of rights shows as a change of this file, which is there to be reviewed.',
    '`UPDATE_SNAPSHOT=1 npx vitest run --project attack access-table` writes it anew.',
    '',
    '## Routes',
    '',
    table(
      ['route', 'methods', 'open to'],
      routes.map(({ url, methods }) => [code(url), methods.join(', '), openRoutes[url] ?? unknown(url)]),
    ),
    '',
    '## Procedures',
    '',
    'By the role of the API key. Every key acts within its own org; `operator` keys belong to the system.',
    '',
    table(
      ['procedure', 'kind', ...roles],
      procedures.map((procedure) => [
        code(procedure.name),
        procedure.type,
        ...roles.map((role) => mark(rolesOf(procedure).includes(role))),
      ]),
    ),
    '',
    '## SQL functions of the schema longshore',
    '',
    'Who may execute them, by database role. A definer runs with the rights of its owner; `owner` is who migrates, and may all.',
    '',
    table(
      ['function', 'runs as', ...databaseRoles.map(short)],
      functions.map(({ name, signature, owner, isDefiner, roles: callers }) => [
        code(isOverloaded(name, functions) ? signature : name),
        isDefiner ? short(owner) : 'caller',
        ...databaseRoles.map((role) => mark(callers.includes(role))),
      ]),
    ),
    '',
    '## Tables and views',
    '',
    'S select, I insert, U update, D delete; small letters for some columns only. Row-level security narrows all of it to the',
    'rows of one org, but for `longshore_system`.',
    '',
    table(
      ['table', ...databaseRoles.map(short)],
      tables.map(({ name, isView, rights }) => [
        `${code(name)}${isView ? ' (view)' : ''}`,
        ...databaseRoles.map((role) => rights[role] ?? ''),
      ]),
    ),
    '',
  ].join('\n');

const rolesOf = ({ name, roles: allowed }: Procedure): readonly string[] => {
  if (allowed) return allowed;
  throw new Error(
    `${name} does not say who may call it: make it of one of the procedures in apps/api/src/trpc/procedures.ts.`,
  );
};

const unknown = (url: string): never => {
  throw new Error(
    `The route ${url} is new: say who may call it in openRoutes of tests/attack/access-table.ts.`,
  );
};

const isOverloaded = (name: string, functions: FunctionAccess[]): boolean =>
  functions.filter((other) => other.name === name).length > 1;

const short = (role: string): string => role.replace(/^longshore_/, '');
const mark = (isAllowed: boolean): string => (isAllowed ? 'x' : '');
const code = (text: string): string => `\`${text}\``;

const table = (heads: readonly string[], rows: string[][]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { useDatabase } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { openApp } from '../surface/open-app.ts';
import { procedures } from '../surface/procedures.ts';
import { type Route, renderAccess } from './access-table.ts';
import { note } from './note.ts';
import { readFunctions, readTables } from './sql-access.ts';

const database = useDatabase();
const file = new URL('../../docs/access.md', import.meta.url);

test('S-02: who may call what is as reviewed in docs/access.md (UPDATE_SNAPSHOT=1 writes it anew)', async ({
  task,
}) => {
  const [routes, functions, tables] = [
    await readRoutes(),
    await readFunctions(database),
    await readTables(database),
  ];
  const access = renderAccess(routes, functions, tables);
  if (process.env.UPDATE_SNAPSHOT === '1') writeFileSync(file, access);

  note(task, {
    suite: 'access table',
    procedures: procedures.length,
    routes: routes.length,
    functions: functions.length,
    cases: 0,
    leaks: 0,
    writes: 0,
  });
  expect(existsSync(file)).toBe(true);
  expect(access).toBe(readFileSync(file, 'utf8'));
});

test('every procedure says who may call it', () => {
  expect(procedures.filter(({ roles }) => !roles || roles.length === 0).map(({ name }) => name)).toEqual([]);
});

/** Fastify prints its routes as a tree of parts: `├── health/` and below it `│   ├── live (GET, HEAD)`. */
const readRoutes = async (): Promise<Route[]> => {
  const { app, close } = await openApp(database.apiUrl);
  const routes: Route[] = [];
  const parts: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, url, methods] = /^(.*?)[├└]── (\S*)(?: \(([^)]+)\))?$/.exec(line) ?? [];
    if (url === undefined) continue;
    const depth = indent!.length / 4;
    parts.splice(depth, parts.length, url);
    if (methods) routes.push({ url: parts.join(''), methods: methods.split(', ').sort() });
  }
  await close();
  return routes.sort((one, other) => (one.url < other.url ? -1 : 1));
};

import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildInput } from '../surface/build-input.ts';
import { idKindOf, missingThing, type Things } from '../surface/id-kinds.ts';
import type { Shape } from '../surface/input-shape.ts';
import { type Answer, ask, openApp } from '../surface/open-app.ts';
import { makeOrgs, type OrgKeys } from '../surface/org-keys.ts';
import { digestRows } from '../surface/org-rows.ts';
import { type Procedure, procedures } from '../surface/procedures.ts';
import { seedOrg } from '../surface/seed-org.ts';
import { countChanged, note } from './note.ts';
import { privilegedKeys } from './privileged-keys.ts';

const database = useDatabase();
let opened: Awaited<ReturnType<typeof openApp>>;
let org: OrgKeys;
let things: Things;

beforeAll(async () => {
  opened = await openApp(database.apiUrl);
  [org] = (await makeOrgs(database.url, 1)) as [OrgKeys];
  things = await seedOrg(opened.app, org);
});
afterAll(() => opened?.close());

test('S-03: an input with a privileged key too many is refused, and nothing is stored', {
  timeout: 120_000,
}, async ({ task }) => {
  const before = await digestRows(database, null);
  let cases = 0;
  for (const procedure of procedures.filter(({ input }) => input !== null)) {
    const role = procedure.roles![0]!;
    const valid = validInput(procedure);
    for (const place of objectsIn(procedure.input!)) {
      for (const [name, value] of privilegedKeys) {
        if (fieldsAt(procedure.input!, place).includes(name)) continue;
        const answer = await ask(opened.app, procedure, org.keys[role], withKey(valid, place, name, value));
        cases++;
        expect(refusalOf(answer), `${procedure.name}: ${[...place, name].join('.')}`).toMatch(
          /^(UNKNOWN_OPTION|INVALID_INPUT)$/,
        );
      }
    }
  }
  const after = await digestRows(database, null);
  note(task, {
    suite: 'mass assignment',
    procedures: procedures.length,
    cases,
    leaks: 0,
    writes: countChanged(before, after),
  });
  expect(after).toEqual(before);
});

const validInput = (procedure: Procedure): unknown =>
  buildInput(procedure.input!, {
    text: (path) => {
      const kind = idKindOf(procedure, path);
      if (kind === 'slug' || kind === 'hash') return missingThing(kind);
      return kind === 'plain' ? 'plain' : things[kind][0]!;
    },
    isWanted: () => false,
  });

/** Paths of the objects that an input has at least: itself and the items of its lists. Free JSON may hold any key. */
const objectsIn = (shape: Shape, path: string[] = []): string[][] => {
  if (shape.is === 'list') return objectsIn(shape.item, [...path, '0']);
  if (shape.is !== 'object') return [];
  const inner = Object.entries(shape.fields).flatMap(([name, field]) =>
    field.isOptional ? [] : objectsIn(field.shape, [...path, name]),
  );
  return [path, ...inner];
};

const fieldsAt = (shape: Shape, [step, ...rest]: string[]): string[] => {
  if (step === undefined) return shape.is === 'object' ? Object.keys(shape.fields) : [];
  if (shape.is === 'list') return fieldsAt(shape.item, rest);
  return shape.is === 'object' ? fieldsAt(shape.fields[step]!.shape, rest) : [];
};

/** The input as JSON text with one more key in the object at a path; written by hand, for `__proto__` must be a key. */
const withKey = (input: unknown, [step, ...rest]: string[], name: string, value: unknown): string => {
  if (step === undefined) {
    const fields = JSON.stringify(input).slice(1, -1);
    return `{${fields}${fields ? ',' : ''}${JSON.stringify(name)}:${JSON.stringify(value)}}`;
  }
  if (Array.isArray(input)) return `[${withKey(input[0], rest, name, value)}]`;
  const fields = Object.entries(input as object).map(
    ([key, field]) =>
      `${JSON.stringify(key)}:${key === step ? withKey(field, rest, name, value) : JSON.stringify(field)}`,
  );
  return `{${fields.join()}}`;
};

/** The code that refuses the call, or the first item of its batch. */
const refusalOf = ({ status, error, data, text }: Answer): string => {
  if (error && status === 400) return error.code;
  const [first] = (data as { answers?: { error?: { code: string } }[] } | undefined)?.answers ?? [];
  return first?.error?.code ?? `${status} ${text}`;
};

import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildInput, leadsTo } from '../surface/build-input.ts';
import { idKindOf, missingThing, type Things } from '../surface/id-kinds.ts';
import { leavesOf } from '../surface/input-shape.ts';
import { type Answer, ask, openApp } from '../surface/open-app.ts';
import { makeOrgs, type OrgKeys } from '../surface/org-keys.ts';
import { digestRows } from '../surface/org-rows.ts';
import { type Procedure, procedures } from '../surface/procedures.ts';
import { seedOrg } from '../surface/seed-org.ts';

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

/** Text that is made storable instead of refused: a job must be able to fail, and to talk, whatever it says. */
const madeStorable = [
  'worker.fail items.*.error.message',
  'worker.fail items.*.error.name',
  'worker.fail items.*.error.code',
  'worker.fail items.*.error.stack',
  'worker.fail items.*.error.details',
  'worker.report items.*.output.*.text',
];

const places = procedures.flatMap((procedure) =>
  leavesOf(procedure.input)
    .filter(({ shape }) => shape.is === 'text' || shape.is === 'json')
    .map(({ path, shape }) => ({
      title: `${procedure.name} ${path}`,
      procedure,
      path,
      isJson: shape.is === 'json',
    })),
);

const unstorable = { NUL: String.raw`a\u0000b`, 'a lone surrogate': String.raw`\ud800` };

describe('B-35: text that cannot be stored', () => {
  test.for(places.filter(({ title }) => !madeStorable.includes(title)))(
    'is refused in $title',
    async ({ procedure, path, isJson }) => {
      const before = await digestRows(database, org.orgId);
      for (const [name, text] of Object.entries(unstorable)) {
        const values = isJson ? [`{"deep":["${text}"]}`, `{"deep":{"${text}":1}}`] : [`"${text}"`];
        for (const value of values) {
          const answer = await ask(
            opened.app,
            procedure,
            keyFor(procedure),
            inputWith(procedure, path, value),
          );
          expect({ name, ...refusalOf(answer) }).toMatchObject({ name, code: 'INVALID_INPUT' });
        }
      }
      expect(await digestRows(database, org.orgId)).toEqual(before);
    },
  );

  test('is refused everywhere else than where it is made storable', () => {
    const titles = places.map(({ title }) => title);
    expect(madeStorable.filter((title) => !titles.includes(title))).toEqual([]);
  });
});

const keyFor = ({ roles }: Procedure): string => org.keys[roles![0]!];

/** A valid input but for the JSON text at a path. */
const inputWith = (procedure: Procedure, path: string, value: string): string => {
  const mark = 'put it here';
  const input = buildInput(procedure.input!, {
    isWanted: leadsTo([path]),
    text: (at) => {
      if (at === path) return mark;
      const kind = idKindOf(procedure, at);
      if (kind === 'plain') return 'plain';
      return kind === 'slug' || kind === 'hash' ? missingThing(kind) : things[kind][0]!;
    },
    json: (at) => (at === path ? mark : {}),
  });
  return JSON.stringify(input).replace(`"${mark}"`, () => value);
};

/** The error of the call, or of the first item of its batch. */
const refusalOf = ({ status, error, data }: Answer): { status: number; code: string | undefined } => {
  const [first] = (data as { answers?: { error?: { code: string } }[] } | undefined)?.answers ?? [];
  return { status, code: error?.code ?? first?.error?.code };
};

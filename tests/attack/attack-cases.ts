import { randomUUID } from 'node:crypto';
import { buildInput, leadsTo, type Recipe } from '../surface/build-input.ts';
import { type IdLeaf, idKindOf, idLeavesOf, missingThing, type Things } from '../surface/id-kinds.ts';
import type { Procedure } from '../surface/procedures.ts';

/** One input of an attack. Where a single thing is `foreign`, `twin` is the same with a missing one in its place. */
export interface AttackCase {
  title: string;
  input: string | undefined;
  foreign?: string;
  twin?: string;
}

/**
 * The inputs that name a victim's things, from the procedure's own schema: each place alone with each thing of its kind,
 * each list with own and foreign mixed, and all places at once. Everything else in them is the attacker's own and valid.
 */
export const attackCasesOf = (procedure: Procedure, own: Things, victim: Things): AttackCase[] => {
  if (!procedure.input) return [{ title: 'no input', input: undefined }];
  const leaves = idLeavesOf(procedure).sort(
    (one, other) => Number(namesOwn(one.path)) - Number(namesOwn(other.path)),
  );
  const build = (recipe: Partial<Recipe>, wanted: readonly IdLeaf[]): string =>
    JSON.stringify(
      buildInput(procedure.input!, {
        text: (path, place) => ownText(procedure, own, path, place),
        isWanted: leadsTo(wanted.map(({ path }) => path)),
        ...recipe,
      }),
    );
  const alone = leaves.flatMap((leaf) => {
    const put = (thing: string) =>
      build({ text: (path, place) => (path === leaf.path ? thing : ownText(procedure, own, path, place)) }, [
        leaf,
      ]);
    return victim[leaf.kind].map((thing) => ({
      title: `${leaf.path} is ${leaf.kind} ${thing}`,
      input: put(thing),
      foreign: thing,
      twin: put(missingThing(leaf.kind, thing)),
    }));
  });
  const mixed = leaves
    .filter(({ path }) => path.includes('*'))
    .map((leaf) => ({
      title: `${leaf.path} mixed`,
      input: build(
        {
          countOf: () => 3,
          text: (path, place) =>
            path === leaf.path && place === 1
              ? victim[leaf.kind][0]!
              : ownText(procedure, own, path, path === leaf.path && place > 0 ? place : 0),
        },
        [leaf],
      ),
    }));
  const all = [0, 1, 2].map((round) => ({
    title: `everything foreign, ${round}`,
    input: build(
      {
        text: (path, place) => {
          const kind = idKindOf(procedure, path);
          return kind === 'plain' ? ownText(procedure, own, path, place) : pick(victim[kind], round + place);
        },
      },
      leaves,
    ),
  }));
  return [...alone, ...mixed, ...all, { title: 'own', input: build({}, []) }];
};

/** A field by which a submit names its own job: what is named so exists from then on, for the attacker too. */
const namesOwn = (path: string): boolean => /(^|\.)(id|batchId|externalId|idempotencyKey)$/.test(path);

/** What the attacker has himself; a plain text is new each time, so that names do not clash. */
const ownText = (procedure: Procedure, own: Things, path: string, place: number): string => {
  const kind = idKindOf(procedure, path);
  if (kind === 'slug') return missingThing('slug');
  if (kind === 'hash') return missingThing('hash');
  if (kind !== 'plain') return pick(own[kind], place);
  return /At$/.test(path) ? '2031-05-06T07:08:09Z' : `plain ${randomUUID()}`.slice(0, 20);
};

const pick = (things: string[], place: number): string => things[place % things.length]!;

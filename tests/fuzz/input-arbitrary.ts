import * as fc from 'fast-check';
import { idKindOf } from '../surface/id-kinds.ts';
import type { Shape } from '../surface/input-shape.ts';
import type { Procedure } from '../surface/procedures.ts';
import { hostileKeys, hostileTexts, letters } from './hostile.ts';

/** JSON texts as inputs of a procedure: valid ones with the caller's own ids, and the same with something put wrong. */
export const inputArbitrary = (procedure: Procedure): fc.Arbitrary<string> => {
  if (!procedure.input) return fc.constantFrom('', '{}', 'null', '{"surely_unknown":1}', '{"id":');
  return corruptible(validInput(procedure, procedure.input, ''));
};

/** Values as JSON text; three of five with one to three faults. */
export const corruptible = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 2, arbitrary: valid.map((value) => JSON.stringify(value)) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(valid, fc.array(faultArbitrary, { minLength: 1, maxLength: 3 }))
        .map(([value, faults]) => writeWithFaults(value, faults)),
    },
  );

/** The name of something that the caller has, filled in when the case is sent; see fillIn. Mostly the first: a lease goes with its job. */
const own = (kind: string): fc.Arbitrary<string> =>
  fc.constantFrom(0, 0, 0, 0, 1, 2, 3).map((place) => `<<${kind} ${place}>>`);

const validInput = (procedure: Procedure, shape: Shape, path: string): fc.Arbitrary<unknown> => {
  const at = (step: string): string => (path === '' ? step : `${path}.${step}`);
  switch (shape.is) {
    case 'object': {
      const fields = Object.entries(shape.fields);
      const pick = (isOptional: boolean) =>
        Object.fromEntries(
          fields
            .filter(([, field]) => field.isOptional === isOptional)
            .map(([name, field]) => [name, validInput(procedure, field.shape, at(name))]),
        );
      return fc
        .tuple(fc.record(pick(false), { noNullPrototype: true }), someOf(pick(true), 3))
        .map(([required, optional]) => ({ ...required, ...optional }));
    }
    case 'list': {
      const maxLength = Math.max(shape.min, Math.min(shape.max, 4));
      return fc.array(validInput(procedure, shape.item, at('*')), { minLength: shape.min, maxLength });
    }
    case 'map':
      return fc.dictionary(
        validInput(procedure, shape.key, at('{key}')) as fc.Arbitrary<string>,
        validInput(procedure, shape.value, at('*')),
        { maxKeys: 3 },
      );
    case 'either':
      return fc.oneof(...shape.of.map((option) => validInput(procedure, option, path)));
    case 'text':
      return textArbitrary(procedure, shape, path);
    case 'number':
      return numberArbitrary(shape, path);
    case 'boolean':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...shape.of);
    case 'json':
      return shape.isObject
        ? fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
        : fc.jsonValue({ maxDepth: 3 });
  }
};

/** An object with at most so many of the fields: with all that may be left out, few inputs would be valid. */
export const someOf = (
  fields: Record<string, fc.Arbitrary<unknown>>,
  count: number,
): fc.Arbitrary<Record<string, unknown>> => {
  const entries = Object.entries(fields).map(([name, value]) => fc.tuple(fc.constant(name), value));
  if (entries.length === 0) return fc.constant({});
  return fc.array(fc.oneof(...entries), { maxLength: count }).map((chosen) => Object.fromEntries(chosen));
};

const freeText = fc.string({ minLength: 1, maxLength: 24, unit: fc.constantFrom(...letters) });

const newHash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

const textArbitrary = (
  procedure: Procedure,
  { format }: Extract<Shape, { is: 'text' }>,
  path: string,
): fc.Arbitrary<string> => {
  const named = idKindOf(procedure, path);
  // Closing the session that the others work with would end their luck.
  const kind = procedure.name === 'worker.closeSession' ? 'spareSession' : named;
  switch (format) {
    case 'datetime':
      return fc
        .date({ min: new Date('1990-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString());
    case 'uuid':
    case 'uuidv7':
    case 'guid':
      return fc.oneof({ weight: 3, arbitrary: own(kind) }, { weight: 1, arbitrary: fc.uuid({ version: 7 }) });
  }
  if (kind === 'plain') return freeText;
  if (kind === 'hash') return fc.oneof({ weight: 3, arbitrary: newHash }, own(kind), freeText);
  return fc.oneof({ weight: 4, arbitrary: own(kind) }, { weight: 1, arbitrary: freeText });
};

const numberArbitrary = (
  { min, max, isWhole }: Extract<Shape, { is: 'number' }>,
  path: string,
): fc.Arbitrary<number> => {
  // Nobody is to wait for a fuzzer that waits, nor for lists of a thousand each time.
  if (/wait/i.test(path)) return fc.constantFrom(0, 0.001);
  const small = fc.integer({ min: Math.ceil(min), max: Math.min(max, Math.ceil(min) + 20) });
  const edge = fc.constantFrom(min, max);
  const any = isWhole
    ? fc.integer({ min: Math.max(min, -(2 ** 31)), max: Math.min(max, 2 ** 31 - 1) })
    : fc.double({ min, max, noNaN: true });
  return fc.oneof(
    { weight: 6, arbitrary: small },
    { weight: 1, arbitrary: edge },
    { weight: 1, arbitrary: any },
  );
};

interface Fault {
  /** Which of the values in the input, counted through. */
  place: number;
  act: 'replace' | 'remove' | 'add';
  text: string;
  key: string;
}

const faultArbitrary: fc.Arbitrary<Fault> = fc.record({
  place: fc.nat(1_000),
  act: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add'),
  text: fc.constantFrom(...hostileTexts),
  key: fc.constantFrom(...hostileKeys),
});

/** Puts faults into a value and writes it; the texts go in as they stand. */
const writeWithFaults = (value: unknown, faults: readonly Fault[]): string => {
  const texts: string[] = [];
  const holder = { root: structuredClone(value) };
  for (const fault of faults) {
    const mark = `<<fault ${texts.push(fault.text) - 1}>>`;
    const places = placesIn(holder);
    const { within, key } = places[fault.place % places.length]!;
    const target = within[key as never] as unknown;
    if (fault.act === 'remove' && places.length > 1) removeAt(within, key);
    else if (fault.act === 'add' && typeof target === 'object' && target !== null)
      Object.defineProperty(target, Array.isArray(target) ? target.length : fault.key, {
        value: mark,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else within[key as never] = mark as never;
  }
  return JSON.stringify(holder.root ?? null).replaceAll(
    /"<<fault (\d+)>>"/g,
    (_, place: string) => texts[Number(place)]!,
  );
};

type Place = { within: object; key: string };

const placesIn = (holder: object): Place[] =>
  Object.entries(holder).flatMap(([key, value]) => [
    { within: holder, key },
    ...(typeof value === 'object' && value !== null ? placesIn(value) : []),
  ]);

const removeAt = (within: object, key: string): void => {
  if (Array.isArray(within)) within.splice(Number(key), 1);
  else if (key !== 'root') delete within[key as never];
};

/**
 * Puts what the caller has into a case: `<<job 2>>` is his third job, counted from `turn` on, so that later cases find some
 * that earlier ones have not used up.
 */
export const fillIn = (text: string, things: Record<string, string[]>, turn: number): string =>
  text.replaceAll(/<<(\w+) (\d+)>>/g, (whole, kind: string, place: string) => {
    const known = things[kind];
    return known ? known[(Number(place) + turn) % known.length]! : whole;
  });

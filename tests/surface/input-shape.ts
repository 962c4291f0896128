import { jsonObject, jsonValue } from '@longshore/contract';
import type { z } from 'zod';

/** What an input may look like, taken from its zod schema: enough to build valid and invalid ones. */
export type Shape =
  | { is: 'object'; fields: Record<string, { shape: Shape; isOptional: boolean }> }
  | { is: 'list'; item: Shape; min: number; max: number }
  | { is: 'map'; key: Shape; value: Shape }
  | { is: 'text'; min: number; max: number; format: string | undefined }
  | { is: 'number'; min: number; max: number; isWhole: boolean }
  | { is: 'boolean' }
  | { is: 'choice'; of: unknown[] }
  | { is: 'json'; isObject: boolean }
  | { is: 'either'; of: Shape[] };

/** The parts of zod's definitions that are read here. */
interface Definition {
  type: string;
  format?: string;
  version?: string;
  checks?: { _zod: { def: { check: string; minimum?: number; maximum?: number; value?: number } } }[];
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  keyType?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  entries?: Record<string, unknown>;
  values?: unknown[];
}

/** Reads a schema. Throws for what it does not know, and says where. */
export const readShape = (schema: z.core.$ZodType, where: string): Shape => {
  const def = schema._zod.def as unknown as Definition;
  switch (def.type) {
    case 'object':
      return { is: 'object', fields: readFields(def.shape!, where) };
    case 'array':
      return { is: 'list', item: readShape(def.element!, `${where}.*`), ...bounds(def, 0, 1_000) };
    case 'record':
      return {
        is: 'map',
        key: readShape(def.keyType!, `${where}.{key}`),
        value: readShape(def.valueType!, `${where}.*`),
      };
    case 'string':
      return { is: 'text', ...bounds(def, 0, 65_536), format: def.version ? 'uuidv7' : def.format };
    case 'number':
      return { is: 'number', ...bounds(def, -1e9, 1e9), isWhole: def.format === 'safeint' };
    case 'boolean':
      return { is: 'boolean' };
    case 'enum':
      return { is: 'choice', of: Object.values(def.entries!) };
    case 'literal':
      return { is: 'choice', of: def.values! };
    case 'null':
      return { is: 'choice', of: [null] };
    case 'nullable':
      return { is: 'either', of: [readShape(def.innerType!, where), { is: 'choice', of: [null] }] };
    case 'union':
      return { is: 'either', of: def.options!.map((option) => readShape(option, where)) };
    case 'optional':
    case 'default':
    case 'prefault':
    case 'readonly':
      return readShape(def.innerType!, where);
    case 'pipe':
      return readShape(def.in!, where);
    case 'custom':
      return readCustom(schema, where);
    default:
      throw new Error(`${where} is z.${def.type}: teach tests/surface/input-shape.ts to read it.`);
  }
};

/**
 * Free JSON is known by the checks of the contract. Items of a batch are checked one by one, so the list only notes their
 * schema; see listOf in the API.
 */
const readCustom = (schema: z.core.$ZodType, where: string): Shape => {
  const checks = checksOf(schema);
  if (checksOf(jsonValue).every((check) => checks.includes(check)))
    return { is: 'json', isObject: checksOf(jsonObject).every((check) => checks.includes(check)) };
  const item = (schema as z.ZodType).meta()?.item;
  if (item) return readShape(item as z.core.$ZodType, where);
  if (samples.every((sample) => (schema as z.ZodType).safeParse(sample).success))
    return { is: 'json', isObject: false };
  throw new Error(
    `${where} is z.custom, which cannot be read: note its schema with .meta({ item }) as listOf does.`,
  );
};

/** Whatever takes all of these takes any JSON. */
const samples = [null, true, 0, '', [], {}, { a: [{}] }];

const checksOf = (schema: z.core.$ZodType): readonly unknown[] => schema._zod.def.checks ?? [];

const readFields = (shape: Record<string, z.core.$ZodType>, where: string) =>
  Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [
      name,
      {
        shape: readShape(schema, `${where}.${name}`),
        isOptional: ['optional', 'default', 'prefault'].includes(schema._zod.def.type),
      },
    ]),
  );

const bounds = (def: Definition, min: number, max: number): { min: number; max: number } => {
  for (const check of def.checks ?? []) {
    const { minimum, maximum, value, check: kind } = check._zod.def;
    if (minimum !== undefined) min = minimum;
    if (maximum !== undefined) max = maximum;
    if (kind === 'greater_than') min = value!;
    if (kind === 'less_than') max = value!;
  }
  return { min, max };
};

/** A value of an input that is no list or object, with its path: names of fields, `*` for a list's items, `{key}` for keys. */
export interface Leaf {
  path: string;
  shape: Exclude<Shape, { is: 'object' | 'list' | 'map' | 'either' }>;
}

export const leavesOf = (shape: Shape | null, path = ''): Leaf[] => {
  if (!shape) return [];
  const at = (step: string): string => (path === '' ? step : `${path}.${step}`);
  switch (shape.is) {
    case 'object':
      return Object.entries(shape.fields).flatMap(([name, field]) => leavesOf(field.shape, at(name)));
    case 'list':
      return leavesOf(shape.item, at('*'));
    case 'map':
      return [...leavesOf(shape.key, at('{key}')), ...leavesOf(shape.value, at('*'))];
    case 'either':
      return shape.of.flatMap((option) => leavesOf(option, path));
    default:
      return [{ path, shape }];
  }
};

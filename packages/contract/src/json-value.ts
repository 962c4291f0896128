import { z } from 'zod';
import { limits } from './limits.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

interface Fault {
  path: (string | number)[];
  message: string;
}

/** NUL cannot be stored in PostgreSQL text, and a lone surrogate has no UTF-8 form. */
export const isStorableText = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();

/**
 * The first reason why a value cannot be stored and read back unchanged, or undefined.
 * Walks with a list of its own: a payload nested 5,000 deep would overflow the stack of a recursive walk.
 */
export const findJsonFault = (root: unknown, depthMax: number = limits.jsonDepthMax): Fault | undefined => {
  const waiting: { value: unknown; path: (string | number)[] }[] = [{ value: root, path: [] }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const message =
      faultOf(next.value) ?? (next.path.length > depthMax ? `is nested deeper than ${depthMax}` : undefined);
    if (message) return { path: next.path, message };
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const key of Object.keys(next.value)) {
      const path = [...next.path, Array.isArray(next.value) ? Number(key) : key];
      if (key === '__proto__') return { path, message: 'is a key that is not allowed' };
      if (!isStorableText(key)) return { path: next.path, message: 'has a key with NUL or a lone surrogate' };
      waiting.push({ value: (next.value as Record<string, unknown>)[key], path });
    }
  }
  return undefined;
};

/** True for most of what `jsonValue` takes. False says nothing. */
export const isSoundJson = (value: unknown): boolean => isSound(value, limits.jsonDepthMax);

/** True for most of what has no fault, at a third of the cost of looking for one: no lists, no paths. */
const isSound = (value: unknown, depthLeft: number): boolean => {
  if (typeof value !== 'object' || value === null) return faultOf(value) === undefined;
  if (depthLeft === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isSound(item, depthLeft - 1));
  if (faultOf(value)) return false;
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || !isStorableText(key)) return false;
    if (!isSound((value as Record<string, unknown>)[key], depthLeft - 1)) return false;
  }
  return true;
};

/**
 * About how many bytes a JSON value takes as the text of a jsonb, which writes 1e308 out with all its zeros: 51 times the length
 * it came with.
 */
export const storedBytesOf = (value: unknown): number => {
  let zeros = 0;
  const text = JSON.stringify(value, (_key, part: unknown) => {
    const exponent = typeof part === 'number' && part !== 0 ? Math.log10(Math.abs(part)) : 0;
    if (exponent >= 21 || exponent < -6) zeros += Math.ceil(Math.abs(exponent));
    return part;
  });
  return text === undefined ? 0 : new TextEncoder().encode(text).length + zeros;
};

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const faultOf = (value: unknown): string | undefined => {
  switch (typeof value) {
    case 'string':
      return isStorableText(value) ? undefined : 'holds NUL or a lone surrogate';
    case 'number':
      if (!Number.isFinite(value)) return 'is not a finite number';
      return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21
        ? 'is an integer beyond 2^53; send it as a string'
        : undefined;
    case 'boolean':
      return undefined;
    case 'object':
      if (value === null || Array.isArray(value)) return undefined;
      return isPlainObject(value) ? undefined : 'is not plain JSON';
    default:
      return `is ${typeof value}, which JSON does not have`;
  }
};

/** Any JSON value that survives storage: no NUL, lone surrogate, non-finite or unsafe number, `__proto__`, or depth over 64. */
export const jsonValue = z.custom<JsonValue>().superRefine((value, context) => {
  if (isSoundJson(value)) return;
  const fault = findJsonFault(value);
  if (fault) context.addIssue({ code: 'custom', path: fault.path, message: fault.message });
});

/** Like jsonValue, but an object. */
export const jsonObject = jsonValue.refine(
  (value): value is { [key: string]: JsonValue } =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be a JSON object',
);

/** Refuses the key `__proto__` in a record, which z.record takes and leaves out without a word. */
export const withoutProto = <Value>(map: z.ZodType<Record<string, Value>, Record<string, Value>>) =>
  z
    .custom<Record<string, Value>>()
    .superRefine((value: unknown, context) => {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__')) return;
      context.addIssue({ code: 'custom', path: ['__proto__'], message: 'is a key that is not allowed' });
    })
    // For who reads what shape an input has.
    .meta({ item: map })
    .pipe(map);

/** Text of 1 to `charsMax` characters that PostgreSQL can store. */
export const text = (charsMax: number) =>
  z.string().min(1).max(charsMax).refine(isStorableText, 'holds NUL or a lone surrogate');

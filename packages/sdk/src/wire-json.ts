import { LongshoreError } from '@longshore/contract';

/**
 * The JSON text of a value as it travels, made before it is packed together with those of others.
 * Throws INVALID_INPUT for what JSON would refuse (BigInt, cycles) or silently change (NaN, Infinity, functions).
 */
export const toWireText = (value: unknown, field: string): string => {
  try {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`${typeof value} is not JSON`);
    refuseWhatJsonChanges('', value);
    return text;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LongshoreError('INVALID_INPUT', `The ${field} cannot be sent as JSON: ${reason}`, {
      field,
      cause,
    });
  }
};

/** A walk over the value beside JSON.stringify: called from within it, once a value, this cost ten times as much. */
const refuseWhatJsonChanges = (key: string, given: unknown): void => {
  const value = isConvertible(given) ? given.toJSON(key) : given;
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${key} is ${value}`);
      break;
    case 'function':
    case 'symbol':
      throw new TypeError(`${key} is a ${typeof value}`);
    case 'object':
      if (Array.isArray(value)) for (const item of value) refuseWhatJsonChanges(key, item);
      else if (value !== null)
        for (const name of Object.keys(value)) refuseWhatJsonChanges(name, value[name as never]);
      break;
  }
};

/** JSON.stringify has checked the value of toJSON, but not looked at what that value holds. */
const isConvertible = (value: unknown): value is { toJSON(key: string): unknown } =>
  typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';

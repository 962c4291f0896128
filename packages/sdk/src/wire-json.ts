import { type JsonValue, LongshoreError } from '@longshore/contract';

/** A value as it travels, and the bytes of its JSON text. */
export interface WireJson {
  json: JsonValue;
  bytes: number;
}

/**
 * Makes sure that a value can travel as JSON, before it is packed together with those of others.
 * Throws INVALID_INPUT for what JSON would refuse (BigInt, cycles) or silently change (NaN, Infinity, functions).
 */
export const toWireJson = (value: unknown, field: string): WireJson => {
  try {
    const text = JSON.stringify(value, refuseWhatJsonChanges);
    if (text === undefined) throw new TypeError('undefined is not JSON');
    return { json: value as JsonValue, bytes: Buffer.byteLength(text) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LongshoreError('INVALID_INPUT', `The ${field} cannot be sent as JSON: ${reason}`, {
      field,
      cause,
    });
  }
};

const refuseWhatJsonChanges = (key: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${key} is ${value}`);
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new TypeError(`${key} is a ${typeof value}`);
  return value;
};

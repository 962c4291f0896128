import { z } from 'zod';
import { type JsonValue, jsonObject, storedBytesOf, text } from './json-value.ts';
import { limits } from './limits.ts';

export type Attributes = { [key: string]: JsonValue };

/** A name, or a name with what is to be known of it: `{ name: 'gpu', attributes: { memoryGb: 80 } }`. */
export type Capability = string | { name: string; attributes: Attributes };

const name = text(limits.nameCharsMax);

/** What a worker process has. Jobs are matched by the names alone; the attributes are for people and for who picks workers. */
export const capabilities = z
  .array(z.union([name, z.strictObject({ name, attributes: jsonObject })]))
  .max(limits.capabilitiesMax)
  .refine(
    (given) => storedBytesOf(attributesOf(given)) <= limits.attributesBytesMax,
    `may have attributes of ${limits.attributesBytesMax} bytes of JSON in all, with their numbers written out`,
  );

/** The names of capabilities, in the order given. */
export const namesOf = (given: readonly Capability[]): string[] =>
  given.map((capability) => (typeof capability === 'string' ? capability : capability.name));

/** The attributes of capabilities, by name; those without any are left out. */
export const attributesOf = (given: readonly Capability[]): { [capability: string]: Attributes } =>
  Object.fromEntries(
    given.flatMap((capability) =>
      typeof capability === 'string' ? [] : [[capability.name, capability.attributes]],
    ),
  );

/** A message of the protocol: a JSON object that says of what type it is. */
export interface Message {
  type: string;
  [field: string]: unknown;
}

/** What a text frame says; undefined for what is no message, which is ignored. */
export const readMessage = (text: string): Message | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.hasOwn(value, 'type') &&
  typeof (value as { type?: unknown }).type === 'string';

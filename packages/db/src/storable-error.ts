import {
  type FailItem,
  findJsonFault,
  type JobError,
  type JsonValue,
  limits,
  storedBytesOf,
} from '@longshore/contract';

/** Text that PostgreSQL can store, at most `bytesMax` long, cut between two characters. */
export const storableText = (text: string, bytesMax: number): string => {
  const clean = text.replaceAll('\u0000', '\ufffd').toWellFormed();
  const bytes = Buffer.from(clean);
  if (bytes.length <= bytesMax) return clean;
  let end = bytesMax;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
};

/**
 * An error that can be stored, about `bytesMax` long at most: a job must be able to fail whatever its error says. Text is mended
 * and cut; details that cannot be stored or are too long are left out, and the error says so.
 */
export const storableError = (
  { message, name, code, stack, details }: FailItem['error'],
  bytesMax: number,
): JobError => ({
  message: storableText(message, Math.floor(bytesMax / 4)),
  ...(stack !== undefined && { stack: storableText(stack, Math.floor(bytesMax / 2)) }),
  ...(name !== undefined && { name: storableText(name, limits.nameCharsMax) }),
  ...(code !== undefined && { code: storableText(code, limits.nameCharsMax) }),
  ...(details !== undefined && { details: storableDetails(details, Math.floor(bytesMax / 4)) }),
});

const storableDetails = (details: JsonValue, bytesMax: number): JsonValue => {
  const fault = findJsonFault(details);
  if (fault) return `left out: it ${fault.message}`;
  const bytes = storedBytesOf(details);
  return bytes <= bytesMax ? details : `left out: it has ${bytes} bytes, and ${bytesMax} are allowed`;
};

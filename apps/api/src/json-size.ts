import { type ceilings, LongshoreError } from '@longshore/contract';

/** How large the parts of an item may be, as this deployment has it: bytes of JSON text, of tags count and characters. */
export type SizeLimits = { readonly [Limit in keyof typeof ceilings]: number };

interface JsonTexts {
  payload: string | undefined;
  result: string | undefined;
}

/** What has a size in the items of submit, complete and report. */
interface SizedItem {
  payload?: unknown;
  metadata?: unknown;
  tags?: readonly string[] | undefined;
  result?: unknown;
  progress?: unknown;
  output?: readonly { text: string }[] | undefined;
}

/**
 * Throws TOO_LARGE for the first part of the item that is over its limit. `path` is where the item stands, such as `jobs[3]`.
 * Answers the JSON texts that were made for it, so that nobody need make them again.
 */
export const checkSizes = (item: SizedItem, path: string, sizes: SizeLimits): JsonTexts => {
  const at = (field: string): string => (path === '' ? field : `${path}.${field}`);
  const payload = checkJson(item.payload, at('payload'), sizes.payloadBytesMax);
  const result = checkJson(item.result, at('result'), sizes.resultBytesMax);
  checkJson(item.metadata, at('metadata'), sizes.metadataBytesMax);
  checkJson(item.progress, at('progress'), sizes.progressBytesMax);
  if (item.tags) checkTags(item.tags, at('tags'), sizes);
  item.output?.forEach(({ text }, index) => {
    requireAtMost(Buffer.byteLength(text), sizes.outputLineBytesMax, 'bytes', at(`output[${index}].text`));
  });
  return { payload, result };
};

const checkJson = (value: unknown, field: string, bytesMax: number): string | undefined => {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  requireAtMost(Buffer.byteLength(text), bytesMax, 'bytes', field);
  return text;
};

const checkTags = (tags: readonly string[], field: string, { tagsMax, tagCharsMax }: SizeLimits): void => {
  requireAtMost(tags.length, tagsMax, 'tags', field);
  tags.forEach((tag, index) => {
    requireAtMost(tag.length, tagCharsMax, 'characters', `${field}[${index}]`);
  });
};

const requireAtMost = (found: number, allowed: number, unit: keyof typeof hints, field: string): void => {
  if (found > allowed) {
    throw new LongshoreError('TOO_LARGE', `${field} has ${found} ${unit}; ${allowed} are allowed`, {
      field,
      hint: hints[unit],
    });
  }
};

const hints = {
  bytes: 'Store large data elsewhere and send a reference to it.',
  tags: 'Put what is not searched for into the metadata.',
  characters: 'Put what is not searched for into the metadata.',
};

import { LongshoreError, limits } from '@longshore/contract';

/** How large the parts of an item may be, in bytes of their JSON text. */
export interface SizeLimits {
  payloadBytesMax: number;
  resultBytesMax: number;
}

/** Throws TOO_LARGE for the first part of the item that is over its limit. `path` is where the item stands, such as `jobs[3]`. */
export const checkSizes = (
  item: {
    payload?: unknown;
    metadata?: unknown;
    result?: unknown;
    progress?: unknown;
    output?: { text: string }[] | undefined;
  },
  path: string,
  sizes: SizeLimits,
): void => {
  const at = (field: string): string => (path === '' ? field : `${path}.${field}`);
  checkSize(item.payload, at('payload'), sizes.payloadBytesMax);
  checkSize(item.result, at('result'), sizes.resultBytesMax);
  checkSize(item.metadata, at('metadata'), limits.metadataBytesMax);
  checkSize(item.progress, at('progress'), limits.progressBytesMax);
  item.output?.forEach(({ text }, index) => {
    checkSize(text, at(`output[${index}].text`), limits.outputLineBytesMax);
  });
};

const checkSize = (value: unknown, field: string, bytesMax: number): void => {
  if (value === undefined) return;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= bytesMax) return;
  throw new LongshoreError('TOO_LARGE', `${field} has ${bytes} bytes; ${bytesMax} are allowed`, {
    field,
    hint: 'Store large data elsewhere and send a reference to it.',
  });
};

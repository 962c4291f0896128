import { z } from 'zod';
import type { Attributes, Capability } from './capabilities.ts';
import { text } from './json-value.ts';
import { limits } from './limits.ts';

const prefix = 'model:';
const tokens = z.int().min(1);

/** What a language model that a worker serves is like. */
export const modelInfo = z.object({
  modelId: text(limits.nameCharsMax - prefix.length),
  displayName: text(limits.nameCharsMax),
  maxContextTokens: tokens,
  maxOutputTokens: tokens,
  supportsStreaming: z.boolean(),
  supportsVision: z.boolean().optional(),
  supportsTools: z.boolean().optional(),
});
export type ModelInfo = z.infer<typeof modelInfo>;

/** What a job requires that is to run on this model. */
export const modelCapability = (modelId: string): string => `${prefix}${modelId}`;

/** A model as a capability `model:<id>`, with its description as attributes. */
export const capabilityOfModel = (info: ModelInfo): Exclude<Capability, string> => ({
  name: modelCapability(info.modelId),
  attributes: Object.fromEntries(
    Object.entries(info).filter(([, value]) => value !== undefined),
  ) as Attributes,
});

/** The models among the capabilities of a process, by its attributes. What is called a model and not described as one is left out. */
export const modelsOf = (attributes: { [capability: string]: Attributes }): ModelInfo[] =>
  Object.entries(attributes).flatMap(([capability, described]) => {
    const read = capability.startsWith(prefix) ? modelInfo.safeParse(described) : undefined;
    return read?.success && modelCapability(read.data.modelId) === capability ? [read.data] : [];
  });

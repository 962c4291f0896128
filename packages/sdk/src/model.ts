import { type Capability, capabilityOfModel, type ModelInfo, modelInfo } from '@longshore/contract';
import { type OutputOf, readWith } from './standard-schema.ts';

/**
 * A language model that a worker serves, as one of its capabilities: jobs that require `model:<modelId>` go to it, and
 * `workers.list` shows the description. Throws INVALID_INPUT for one that is not whole.
 *
 * @example
 * createWorker({ capabilities: ['gpu', model({ modelId: 'sonnet-3.5', displayName: 'Sonnet', maxContextTokens: 200_000,
 *   maxOutputTokens: 8_192, supportsStreaming: true })], ... })
 */
export const model = (info: ModelInfo): Exclude<Capability, string> =>
  capabilityOfModel(readWith(modelInfo, info, 'model') as OutputOf<typeof modelInfo>);

/**
 * What one request may carry. Sizes count bytes of UTF-8 JSON text, durations are seconds.
 * The byte sizes are defaults that a deployment may change; everything else is part of the contract.
 */
export const limits = {
  payloadBytesMax: 1_048_576,
  resultBytesMax: 1_048_576,
  progressBytesMax: 65_536,
  errorBytesMax: 65_536,
  metadataBytesMax: 16_384,
  outputLineBytesMax: 16_384,
  jsonDepthMax: 64,
  batchJobsMax: 1_000,
  claimJobsMax: 1_000,
  heldJobsMax: 10_000,
  nameCharsMax: 128,
  keyCharsMax: 256,
  tagsMax: 64,
  capabilitiesMax: 64,
  dependenciesMax: 1_000,
  priorityMin: -32_768,
  priorityMax: 32_767,
  attemptsMax: 1_000,
  waitSecondsMax: 30,
  leaseSecondsMin: 3,
  leaseSecondsMax: 3_600,
  timeoutSecondsMax: 31_536_000,
  delaySecondsMax: 315_576_000,
  listMax: 1_000,
} as const;

/** What a field is when the caller leaves it out. */
export const defaults = {
  queue: 'default',
  priority: 0,
  maxAttempts: 3,
  backoff: { type: 'exponential', baseSeconds: 1, capSeconds: 3_600, jitter: 'full' },
  idempotencyKeySeconds: 86_400,
  leaseSeconds: 15,
  heartbeatSeconds: 5,
  rescuesMax: 3,
} as const;

/**
 * What one request may carry. Sizes count bytes of UTF-8 JSON text, durations are seconds.
 * The byte sizes are defaults that a deployment may change up to their ceiling below, tags are a ceiling that it may
 * lower; everything else is part of the contract.
 */
export const limits = {
  payloadBytesMax: 1_048_576,
  resultBytesMax: 1_048_576,
  progressBytesMax: 65_536,
  errorBytesMax: 65_536,
  metadataBytesMax: 16_384,
  /** Of the line's own text. */
  outputLineBytesMax: 16_384,
  /** Lines of output that a job keeps. */
  outputLinesMax: 100_000,
  jsonDepthMax: 64,
  batchJobsMax: 1_000,
  claimJobsMax: 1_000,
  heldJobsMax: 10_000,
  nameCharsMax: 128,
  keyCharsMax: 256,
  tagsMax: 64,
  tagCharsMax: 128,
  capabilitiesMax: 64,
  /** Of all capabilities of one worker process together. */
  attributesBytesMax: 16_384,
  categoriesMax: 64,
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
  /** How many finished jobs a queue's own retention may count. */
  keptJobsMax: 100_000,
  messageBytesMax: 16_384,
  /** In one direction between the server and one worker process. */
  messagesWaitingMax: 1_000,
  messageSecondsMax: 604_800,
} as const;

/**
 * How far a deployment may raise the sizes above. What is beside the payload of a job stays small enough to be read in
 * lists; a tag is held by the schemas to `tagsMax` and `tagCharsMax`, whatever a deployment says.
 */
export const ceilings = {
  payloadBytesMax: 268_435_456,
  resultBytesMax: 268_435_456,
  progressBytesMax: 1_048_576,
  errorBytesMax: 1_048_576,
  metadataBytesMax: 1_048_576,
  outputLineBytesMax: 1_048_576,
  tagsMax: limits.tagsMax,
  tagCharsMax: limits.tagCharsMax,
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
  cancelGraceSeconds: 30,
  messageSeconds: 300,
} as const;

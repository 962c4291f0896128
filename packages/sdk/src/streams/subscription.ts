/** An event of a subscription; what has no id cannot be gone on from. */
export interface StreamedEvent<Data = unknown> {
  id: string | undefined;
  data: Data;
}

export interface SubscriptionRequest {
  /** Of the procedure, such as `jobs.watch`. */
  path: string;
  /** With `lastEventId` where it goes on from. */
  input: Record<string, unknown>;
}

/**
 * Events over one connection, which closes when nobody iterates any more. Ends when the server has no more to say; throws what
 * `toCallFailure` understands when the call is refused, or the connection breaks or falls silent.
 */
export type OpenSubscription = (
  request: SubscriptionRequest,
  signal: AbortSignal,
) => AsyncIterable<StreamedEvent>;

/** The server says something every 5 s. */
export const silenceMsMax = 15_000;

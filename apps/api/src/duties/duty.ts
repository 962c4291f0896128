/** One thing that a process of the API does in the background. Every process does it; SQL sees to it that each act happens once. */
export interface Duty {
  readonly name: string;
  /** From the end of one run to the start of the next. */
  readonly intervalMs: number;
  /** A run that did this much is followed by another at once. */
  readonly batchMax: number;
  /** Answers how much was done. */
  runOnce(): Promise<number>;
  /** When the next run is worth while, if that is sooner than the interval. */
  untilNextMs?(): Promise<number>;
}

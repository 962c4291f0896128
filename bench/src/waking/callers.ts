import { quantile } from '../measure.ts';

export interface CallFigures {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Has so many callers call one after the other, all at the same time, for so many seconds. */
export const callFor = async (
  seconds: number,
  callers: number,
  call: () => Promise<unknown>,
): Promise<CallFigures> => {
  const latenciesMs: number[] = [];
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  const keepCalling = async (): Promise<void> => {
    for (let calledAtMs = startedAtMs; calledAtMs < endsAtMs; ) {
      calledAtMs = performance.now();
      await call();
      latenciesMs.push(performance.now() - calledAtMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, keepCalling));
  return {
    perSecond: (latenciesMs.length / (performance.now() - startedAtMs)) * 1_000,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
};

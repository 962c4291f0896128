import { timerMsMax } from './retry-policy.ts';

/** Places that take no job for a while, though none runs in them. */
export interface PlaceRest {
  /** How many rest now. */
  readonly count: number;
  /** Lets one place rest; nothing for no seconds. */
  rest(seconds: number): void;
  /** Ends all rests, and lets none begin. */
  stop(): void;
}

/** Counts resting places. `onRested` is told whenever one may be used again. */
export const createPlaceRest = (onRested: () => void): PlaceRest => {
  const timers = new Set<NodeJS.Timeout>();
  let isStopped = false;
  return {
    get count() {
      return timers.size;
    },
    rest: (seconds) => {
      if (isStopped || !(seconds > 0)) return;
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          onRested();
        },
        Math.min(seconds * 1_000, timerMsMax),
      );
      timers.add(timer);
    },
    stop: () => {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
};

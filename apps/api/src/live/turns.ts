/** Does the work once it is its turn, first come, first served. */
export type Turns = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** Turns of which at most `inFlightMax` are under way. */
export const createTurns = (inFlightMax: number): Turns => {
  const waiting: (() => void)[] = [];
  let inFlight = 0;

  return async (work) => {
    // Whoever is woken takes the place of whoever woke him.
    if (inFlight >= inFlightMax) await new Promise<void>((resolve) => waiting.push(resolve));
    else inFlight += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else inFlight -= 1;
    }
  };
};

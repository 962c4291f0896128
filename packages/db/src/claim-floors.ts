import type { ClaimFloor, FloorReading } from './lifecycle-types.ts';

/** What one lane is known to have: below `floor` every job is taken; below `candidate` every job that `xmax` could see. */
interface Lane {
  floor: bigint | undefined;
  candidate: bigint;
  xmax: bigint;
}

/** Lanes by route. Immutable. */
export type FloorState = ReadonlyMap<number, Lane>;

export const noFloors: FloorState = new Map();

/**
 * The rule of the claim floor. A job can appear below a candidate only by a transaction that was already open when the
 * candidate was read, so its id is below that reading's xmax, the next id to be given out. Once a later reading's xmin has
 * reached that xmax, none of those is open any more: what they left waiting is visible to the later reading, so the floor
 * moves to the candidate or to that reading's first key, whichever is lower, and the later reading notes the next candidate.
 * Until then the old candidate stays, or a long writer would put the moment off for ever.
 */
export const advanceFloors = (state: FloorState, reading: FloorReading): FloorState => {
  const xmin = BigInt(reading.xmin);
  const xmax = BigInt(reading.xmax);
  return new Map(
    reading.lanes.map(({ routeId, firstKey }) => {
      const candidate = BigInt(firstKey);
      const known = state.get(routeId);
      // A first job below what we hold to be taken means that we were wrong: go back, learn anew.
      const isContradicted = known?.floor !== undefined && candidate < known.floor;
      if (!known || isContradicted) return [routeId, { floor: undefined, candidate, xmax }];
      const floor = candidate < known.candidate ? candidate : known.candidate;
      return [routeId, xmin >= known.xmax ? { floor, candidate, xmax } : known];
    }),
  );
};

/** The floors of a state as a claim takes them; routes without one start from zero. */
export const floorsOf = (state: FloorState): ClaimFloor[] =>
  [...state].flatMap(([routeId, { floor }]) =>
    floor === undefined ? [] : [{ routeId, floor: String(floor) }],
  );

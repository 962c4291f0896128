import type { FaultRecord } from './faults/perform.ts';
import type { JobRow } from './story.ts';

/** Milliseconds from a fault to the end of its effect, sorted, of the faults that were alone. */
export interface Recovery {
  /** From when a restarted PostgreSQL accepts connections to the first claim. */
  firstClaims: number[];
  /** From the death of a worker until each job that it held was claimed again. */
  reruns: number[];
  /** Until a listener whose connection was ended listens again. */
  listeners: number[];
  /** Until an API process let go of a listening connection that had fallen silent. */
  halfOpen: number[];
}

/** Collects, job by job, what the times to recovery are computed from, so that the jobs themselves can be let go. */
export interface RecoveryBook {
  add(rows: readonly JobRow[]): void;
  /** `pidOf` tells the process of a session. */
  measure(faults: readonly FaultRecord[], pidOf: (sessionId: string) => number | undefined): Recovery;
}

interface HandOver {
  sessionId: string;
  claimedAtMs: number;
  endedAtMs: number;
  nextClaimedAtMs: number;
}

export const createRecoveryBook = (): RecoveryBook => {
  const claims: number[] = [];
  const handOvers: HandOver[] = [];

  const addJob = ({ leases }: JobRow): void => {
    for (const [place, { sessionId, claimedAtMs, endedAtMs, outcome }] of leases.entries()) {
      claims.push(claimedAtMs);
      const next = leases[place + 1];
      if (next && endedAtMs !== null && outcome === 'rescued')
        handOvers.push({ sessionId, claimedAtMs, endedAtMs, nextClaimedAtMs: next.claimedAtMs });
    }
  };

  const rerunsAfter = (
    { pid, startedAtMs }: FaultRecord,
    handOversByPid: Map<number | undefined, HandOver[]>,
  ): number[] =>
    (handOversByPid.get(pid) ?? [])
      .filter(({ claimedAtMs, endedAtMs }) => claimedAtMs <= startedAtMs && endedAtMs >= startedAtMs)
      .map(({ nextClaimedAtMs }) => nextClaimedAtMs - startedAtMs);

  return {
    add: (rows) => rows.forEach(addJob),
    measure: (faults, pidOf) => {
      const solo = (type: FaultRecord['type']): FaultRecord[] =>
        faults.filter((fault) => fault.isSolo && fault.type === type);
      const instants = Float64Array.from(claims).sort();
      const handOversByPid = Map.groupBy(handOvers, ({ sessionId }) => pidOf(sessionId));
      return {
        firstClaims: sort(
          solo('restart postgres').flatMap(({ readyAtMs }) => {
            const first = readyAtMs === undefined ? undefined : instants.find((atMs) => atMs >= readyAtMs);
            return first === undefined ? [] : [first - readyAtMs!];
          }),
        ),
        reruns: sort(solo('kill worker').flatMap((fault) => rerunsAfter(fault, handOversByPid))),
        listeners: sort(solo('end listener').flatMap(({ recoveredMs = [] }) => recoveredMs)),
        halfOpen: sort(solo('half-open listener').flatMap(({ recoveredMs = [] }) => recoveredMs)),
      };
    },
  };
};

/** The value that `part` of the sorted values do not exceed; NaN of none. */
export const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;

const sort = (values: number[]): number[] => values.sort((one, other) => one - other);

/** Does one thing for each org that has items, one org after the other, and answers how much was done in all. Never rejects. */
export type ByOrg = <Item extends { orgId: number }>(
  items: readonly Item[],
  act: (orgId: number, items: Item[]) => Promise<number>,
) => Promise<number>;

export interface ByOrgOptions {
  /** Told of each failure; the other orgs have their turn all the same. */
  onError(error: unknown): void;
  nowMs?: () => number;
}

const pauseMsMin = 1_000;
const pauseMsMax = 30_000;

/** An org that fails is left alone for longer and longer, so that what is wrong with one does not cost the others time. */
export const createByOrg = ({ onError, nowMs = () => performance.now() }: ByOrgOptions): ByOrg => {
  const pauses = new Map<number, { ms: number; untilMs: number }>();

  const pause = (orgId: number): void => {
    const ms = Math.min((pauses.get(orgId)?.ms ?? pauseMsMin / 2) * 2, pauseMsMax);
    pauses.set(orgId, { ms, untilMs: nowMs() + ms });
  };
  const isPaused = (orgId: number): boolean => nowMs() < (pauses.get(orgId)?.untilMs ?? 0);

  return async (items, act) => {
    let done = 0;
    for (const orgId of new Set(items.map((item) => item.orgId))) {
      if (isPaused(orgId)) continue;
      const itemsOfOrg = items.filter((item) => item.orgId === orgId);
      try {
        done += await act(orgId, itemsOfOrg);
        pauses.delete(orgId);
      } catch (error) {
        onError(error);
        pause(orgId);
      }
    }
    return done;
  };
};

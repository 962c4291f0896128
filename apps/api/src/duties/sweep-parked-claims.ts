import type { Duty } from './duty.ts';

/** Finds for parked claims what a lost notification, or a claim floor that was wrong, kept from them. */
export const createSweepDuty = (desk: { sweep(): number }, intervalSeconds: number): Duty => ({
  name: 'sweep-parked-claims',
  intervalMs: intervalSeconds * 1_000,
  batchMax: Number.POSITIVE_INFINITY,
  runOnce: async () => desk.sweep(),
});

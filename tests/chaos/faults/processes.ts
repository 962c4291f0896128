import { setTimeout as delay } from 'node:timers/promises';
import type { Seat } from '../cast.ts';
import type { Fault } from '../schedule.ts';
import type { Site } from '../site.ts';
import { chooseFrom } from './choose.ts';
import type { Effect } from './perform.ts';

/** SIGKILL of a worker process; a new one takes its seat. */
export const killWorker = ({ workers }: Site, { choice }: Fault): Promise<Effect> => killOne(workers, choice);

/** SIGKILL of an API process; a new one takes its seat. */
export const killApi = ({ apis }: Site, { choice }: Fault): Promise<Effect> => killOne(apis, choice);

/** SIGSTOP of a worker process for longer than its lease, then SIGCONT: it wakes up as a zombie. */
export const freezeWorker = async ({ workers }: Site, { choice, forMs }: Fault): Promise<Effect> => {
  const seat = chooseActive(workers, choice);
  const { pid } = seat;
  seat.freeze();
  await delay(forMs);
  if (seat.pid === pid) seat.thaw();
  return { target: `${seat.name} (${pid})` };
};

const killOne = async (seats: readonly Seat[], choice: number): Promise<Effect> => {
  const seat = chooseActive(seats, choice);
  const pid = seat.pid!;
  await seat.kill();
  return { target: `${seat.name} (${pid})`, pid };
};

/**
 * Throws Error while half of the seats or more are down: on a machine where a process takes long to start, faults at the pace of a quick
 * one would leave nobody to work.
 */
const chooseActive = (seats: readonly Seat[], choice: number): Seat => {
  const active = seats.filter(({ match, isFrozen }) => match !== undefined && !isFrozen);
  if (active.length * 2 <= seats.length) throw new Error('half of them were down already');
  return chooseFrom(active, choice);
};

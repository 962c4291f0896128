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
  const seat = chooseFrom(workers.filter(isActive), choice);
  const { pid } = seat;
  seat.freeze();
  await delay(forMs);
  if (seat.pid === pid) seat.thaw();
  return { target: `${seat.name} (${pid})` };
};

const killOne = async (seats: readonly Seat[], choice: number): Promise<Effect> => {
  const seat = chooseFrom(seats.filter(isActive), choice);
  const pid = seat.pid!;
  await seat.kill();
  return { target: `${seat.name} (${pid})`, pid };
};

const isActive = ({ match, isFrozen }: Seat): boolean => match !== undefined && !isFrozen;

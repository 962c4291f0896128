import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, FaultType, Schedule } from '../schedule.ts';
import type { Site } from '../site.ts';
import { disturbLine, halfOpenListener, loseAnswers, partition, resetLinks, stallOneWay } from './network.ts';
import { endBackend, endListener, restartPostgres } from './postgres.ts';
import { freezeWorker, killApi, killWorker } from './processes.ts';

/** What a fault did. */
export interface Effect {
  /** Whom it hit. */
  target: string;
  /** Of a killed process. */
  pid?: number;
  /** When a restarted server accepted connections again. */
  readyAtMs?: number;
  /** How long it took until each that was hit had recovered. */
  recoveredMs?: number[];
}

/** A fault as it went. Instants are those of the clock, which the database shares. */
export interface FaultRecord extends Fault, Partial<Effect> {
  startedAtMs: number;
  endedAtMs: number;
  /** Why it could not be done, such as there being nobody to hit. */
  missed?: string;
}

const acts: Record<FaultType, (site: Site, fault: Fault) => Promise<Effect>> = {
  'kill worker': killWorker,
  'freeze worker': freezeWorker,
  'kill api': killApi,
  'restart postgres': restartPostgres,
  'end backend': endBackend,
  'end listener': endListener,
  'half-open listener': halfOpenListener,
  partition,
  'one way': stallOneWay,
  latency: disturbLine,
  resets: resetLinks,
};

/** Does every fault at its time; resolves when the schedule is over, with what each did. Never rejects. */
export const performSchedule = async (site: Site, schedule: Schedule): Promise<FaultRecord[]> => {
  const stopLosing = loseAnswers(site);
  const calm = delay(schedule.mixEndsAtMs).then(stopLosing);
  const records = schedule.faults.map(async (fault) => {
    await delay(fault.atMs);
    return perform(site, fault);
  });
  await Promise.all([calm, delay(schedule.endsAtMs)]);
  return Promise.all(records);
};

const perform = async (site: Site, fault: Fault): Promise<FaultRecord> => {
  const startedAtMs = Date.now();
  try {
    const effect = await acts[fault.type](site, fault);
    return { ...fault, ...effect, startedAtMs, endedAtMs: Date.now() };
  } catch (error) {
    return { ...fault, missed: String(error), startedAtMs, endedAtMs: Date.now() };
  }
};

import { statfs } from 'node:fs/promises';
import { connect } from '@longshore/db';
import { type Measure, measureOf } from '../measure.ts';
import type { Bench, MeasureGroup } from '../measures/bench.ts';
import { measureBallast } from './ballast.ts';
import { ballastsOf } from './ballasts.ts';
import { measureHeldSnapshot } from './held-snapshot.ts';
import { measureSessions } from './sessions.ts';

/** Whether our speed stays as data, neighbours, workers and dead rows grow; each case beside its own small one. */
export const flatnessGroups: Record<string, MeasureGroup> = {
  'flat-backlog': (bench) => takeBallast(bench, 'waiting'),
  'flat-history': (bench) => takeBallast(bench, 'history'),
  'flat-barred': (bench) => takeBallast(bench, 'barred'),
  'flat-orgs': (bench) => takeBallast(bench, 'orgs'),
  'flat-sessions': (bench) => takeCase(bench, 'drain by many worker sessions', () => measureSessions(bench)),
  'flat-snapshot': (bench) => takeCase(bench, 'under a held snapshot', () => measureHeldSnapshot(bench)),
};

const takeBallast = (bench: Bench, of: keyof ReturnType<typeof ballastsOf>): Promise<Measure[]> => {
  const ballast = ballastsOf(bench.tier.flatness)[of];
  return takeCase(bench, `drain ${ballast.name}`, () => measureBallast(bench, ballast));
};

/** One case, alone: what breaks in it is told as a refused figure, and costs the hour before it nothing. */
const takeCase = async (bench: Bench, name: string, run: () => Promise<Measure[]>): Promise<Measure[]> => {
  bench.progress(name);
  try {
    await requireRoom(bench);
    return await run();
  } catch (error) {
    await bench.attempt({ measure: name, subject: 'longshore' }, () => Promise.reject(error));
    return [measureOf(name, 'jobs/s', {})];
  }
};

/** A disk that is full at the end of an hour is worse than no hour at all. */
const requireRoom = async ({ databaseUrl, tier }: Bench): Promise<void> => {
  const { pool, close } = connect({ url: databaseUrl, poolSize: 1 });
  const { rows } = await pool.query<{ data_directory: string }>('show data_directory');
  await close();
  const { bavail, bsize } = await statfs(rows[0]!.data_directory);
  const { freeBytes } = tier.flatness;
  if (bavail * bsize >= freeBytes) return;
  const free = Math.round((bavail * bsize) / 1e9);
  throw new Error(`flatness takes up to ${freeBytes / 1e9} GB of disk, and ${free} are free`);
};

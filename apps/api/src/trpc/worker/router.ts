import { router } from '../procedures.ts';
import { claim } from './claim.ts';
import { closeSession } from './close-session.ts';
import { complete } from './complete.ts';
import { fail } from './fail.ts';
import { heartbeat } from './heartbeat.ts';
import { openSession } from './open-session.ts';
import { release } from './release.ts';
import { report } from './report.ts';
import { snooze } from './snooze.ts';

export const workerRouter = router({
  openSession,
  closeSession,
  claim,
  heartbeat,
  complete,
  fail,
  release,
  snooze,
  report,
});

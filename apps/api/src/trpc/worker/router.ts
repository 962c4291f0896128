import { router } from '../procedures.ts';
import { acknowledge } from './acknowledge.ts';
import { claim } from './claim.ts';
import { closeSession } from './close-session.ts';
import { complete } from './complete.ts';
import { fail } from './fail.ts';
import { heartbeat } from './heartbeat.ts';
import { listen } from './listen.ts';
import { openSession } from './open-session.ts';
import { release } from './release.ts';
import { report } from './report.ts';
import { send } from './send.ts';
import { snooze } from './snooze.ts';

export const workerRouter = router({
  openSession,
  closeSession,
  claim,
  heartbeat,
  listen,
  acknowledge,
  send,
  complete,
  fail,
  release,
  snooze,
  report,
});

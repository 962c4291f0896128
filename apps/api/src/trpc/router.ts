import { auditRouter } from './audit/router.ts';
import { jobsRouter } from './jobs/router.ts';
import { keysRouter } from './keys/router.ts';
import { orgsRouter } from './orgs/router.ts';
import { router } from './procedures.ts';
import { queuesRouter } from './queues/router.ts';
import { whoami } from './whoami.ts';
import { workerRouter } from './worker/router.ts';
import { workersRouter } from './workers/router.ts';

/** Every procedure of the API. The SDK and the dashboard import its type. */
export const appRouter = router({
  jobs: jobsRouter,
  worker: workerRouter,
  workers: workersRouter,
  keys: keysRouter,
  queues: queuesRouter,
  orgs: orgsRouter,
  audit: auditRouter,
  whoami,
});

export type AppRouter = typeof appRouter;

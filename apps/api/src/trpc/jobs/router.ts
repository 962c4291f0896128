import { router } from '../procedures.ts';
import { batchStatus } from './batch-status.ts';
import { cancel } from './cancel.ts';
import { events } from './events.ts';
import { get } from './get.ts';
import { getByExternalId } from './get-by-external-id.ts';
import { list } from './list.ts';
import { output } from './output.ts';
import { retry } from './retry.ts';
import { stats } from './stats.ts';
import { submit } from './submit.ts';
import { submitEach } from './submit-each.ts';
import { submitMany } from './submit-many.ts';
import { wait } from './wait.ts';

export const jobsRouter = router({
  submit,
  submitEach,
  submitMany,
  get,
  getByExternalId,
  list,
  wait,
  batchStatus,
  stats,
  output,
  events,
  cancel,
  retry,
});

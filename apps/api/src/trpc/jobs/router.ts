import { router } from '../procedures.ts';
import { batchStatus } from './batch-status.ts';
import { cancel } from './cancel.ts';
import { cancelWhere } from './cancel-where.ts';
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
import { waitMany } from './wait-many.ts';
import { watch } from './watch.ts';
import { watchBatch } from './watch-batch.ts';

export const jobsRouter = router({
  submit,
  submitEach,
  submitMany,
  get,
  getByExternalId,
  list,
  wait,
  waitMany,
  watch,
  watchBatch,
  batchStatus,
  stats,
  output,
  events,
  cancel,
  cancelWhere,
  retry,
});

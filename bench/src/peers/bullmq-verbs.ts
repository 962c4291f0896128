import type { Queue } from 'bullmq';
import { noopPayload } from '../jobs.ts';
import type { Subject } from '../subject.ts';

/** The ways of submitting that BullMQ has on every backend. */
export const bullmqVerbs = (
  queue: Pick<Queue, 'add' | 'addBulk'>,
): Pick<Subject, 'submitOne' | 'submitMany' | 'submitStamp'> => ({
  submitOne: () => queue.add('noop', noopPayload),
  submitMany: (count) =>
    queue.addBulk(Array.from({ length: count }, () => ({ name: 'noop', data: noopPayload }))),
  submitStamp: () => queue.add('stamp', {}),
});

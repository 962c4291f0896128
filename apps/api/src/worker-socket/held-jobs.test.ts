import { expect, test } from 'vitest';
import { createHeldJobs } from './held-jobs.ts';

test('what fails in its turn fails whoever asked for it, and stops nothing that comes after', async () => {
  const held = createHeldJobs();
  held.hold({ id: 'job', leaseToken: 'lease' });
  const done: string[] = [];
  const first = held.inTurn('job', async () => {
    throw new Error('the session has ended');
  });
  const second = held.inTurn('job', async () => void done.push('second'));
  await expect(first).rejects.toThrow('the session has ended');
  await second;
  expect(done).toEqual(['second']);
});

import { gate, useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { newJob, queue, untilStatus, useWorkers } from './test-worker.ts';

const makeWorker = useWorkers(useApi());

test('stop waits for the job that runs, and start resolves when it is over', async () => {
  const { kind, id, job } = newJob();
  const [running, finish] = [gate(), gate()];
  const worker = makeWorker(
    {
      execute: async () => {
        running.open();
        await finish.opened;
        return 'whole';
      },
    },
    { kinds: [kind] },
  );
  await queue().createJob(job);
  const started = worker.start();
  await running.opened;
  const stopped = worker.stop();
  finish.open();
  await Promise.all([stopped, started]);
  expect(await queue().getJob(id)).toMatchObject({ status: 'complete', result: 'whole' });
});

test('a stopped worker can be started again, and one that waits for its server can be stopped', async () => {
  const { kind, id, job } = newJob();
  const worker = makeWorker({}, { kinds: [kind] });
  const first = worker.start();
  await worker.stop();
  await first;
  await queue().createJob(job);
  void worker.start();
  await untilStatus(id, 'complete');

  const away = makeWorker({}, { kinds: [kind], url: 'http://127.0.0.1:9' });
  const waiting = away.start();
  await away.stop();
  await waiting;
});

test('a worker that does not know where to connect, or what to ask for, says so', async () => {
  await expect(makeWorker({}, { kinds: [] }).start()).rejects.toMatchObject({ field: 'kinds' });
  await expect(makeWorker({}, { kinds: ['x'], apiKey: '' }).start()).rejects.toMatchObject({
    field: 'apiKey',
  });
  await expect(makeWorker({}, { kinds: ['x'], apiKey: 'wrong' }).start()).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
});

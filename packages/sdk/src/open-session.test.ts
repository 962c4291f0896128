import { LongshoreError } from '@longshore/contract';
import { expect, it } from 'vitest';
import type { ApiClient } from './api-client.ts';
import { type OpenSessionOptions, openSession } from './open-session.ts';
import { joinSharedThread } from './shared-thread.ts';

const isThreadRunning = async (): Promise<boolean> => {
  const place = joinSharedThread(undefined, { onEvent: () => {}, onDeath: () => {} });
  const isRunning = await Promise.race([
    place.then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ]);
  void place.then(({ leave }) => leave());
  return isRunning;
};

// Found by the chaos suite: on a machine under load the thread took longer to start than the lease lasted, each time anew.
it('is asked for only when its heartbeats can begin at once', async () => {
  const seen: boolean[] = [];
  const refuse = async (): Promise<never> => {
    seen.push(await isThreadRunning());
    throw new LongshoreError('UNAUTHENTICATED', 'enough seen');
  };
  const api = { worker: { openSession: refuse as ApiClient['worker']['openSession'] } } as ApiClient;
  const connection = { url: 'http://away.invalid', apiKey: 'none' };
  await expect(openSession({ api, connection } as OpenSessionOptions)).rejects.toThrow('enough seen');
  expect(seen).toEqual([true]);
  // Nor need the session that follows wait for another thread.
  expect(await isThreadRunning()).toBe(true);
});

import type { Principal, Session } from '@longshore/db';
import { expect, test } from 'vitest';
import { createSessionBook } from './session-book.ts';

const session: Session = {
  id: 'session',
  orgId: 1,
  workerId: 'its worker',
  filter: { kinds: ['mail'], capabilities: [], queues: null, priorityMin: 0, priorityMax: 0 },
  isLimited: false,
};
const caller = (orgId: number, workerId: string): Principal => ({
  keyId: 'key',
  keyName: 'key',
  orgId,
  orgSlug: 'org',
  role: 'worker',
  workerId,
  rateLimits: {},
});

test('a session is its own worker’s, whether it is remembered or looked up', async () => {
  const sessionLost = { code: 'SESSION_LOST', field: 'sessionId' };
  let looks = 0;
  const book = createSessionBook({
    find: async () => {
      looks += 1;
      return session;
    },
  });
  for (const stranger of [caller(1, 'a colleague'), caller(2, 'its worker')]) {
    book.forget('session');
    await expect(book.find(stranger, 'session')).rejects.toMatchObject(sessionLost);
  }
  expect(await book.find(caller(1, 'its worker'), 'session')).toBe(session);
  const looksBefore = looks;
  await expect(book.find(caller(1, 'a colleague'), 'session')).rejects.toMatchObject(sessionLost);
  await expect(book.find(caller(2, 'its worker'), 'session')).rejects.toMatchObject(sessionLost);
  expect(looks).toBe(looksBefore);
});

test('that one session of a worker has no limits does not hide that another has', async () => {
  const sessions = new Map([
    ['limited', { ...session, id: 'limited', isLimited: true }],
    ['plain', { ...session, id: 'plain' }],
  ]);
  const book = createSessionBook({ find: async (_orgId, id) => sessions.get(id) ?? null });
  const worker = caller(1, 'its worker');
  await book.find(worker, 'limited');
  await book.find(worker, 'plain');
  expect(book.isLimited('its worker')).toBe(true);
  sessions.set('limited', { ...session, id: 'limited' });
  book.forget('limited');
  await book.find(worker, 'limited');
  expect(book.isLimited('its worker')).toBe(false);
});

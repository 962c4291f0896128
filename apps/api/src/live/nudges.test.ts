import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createNudges } from './nudges.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Nudges over a database in which the sessions of `news` have some; `looks` has who was asked about. */
const openNudges = (lookMs = 5_000) => {
  const news = new Set<string>();
  const looks: string[][] = [];
  const answers: Record<string, boolean[]> = {};
  const nudges = createNudges({
    sessionsWithNews: async (sessions) => {
      looks.push(sessions.map(({ id }) => id));
      return sessions.map(({ id }) => id).filter((id) => news.has(id));
    },
    onError: () => undefined,
    lookMs,
  });
  const listen = (id: string, orgId = 1, signal?: AbortSignal) =>
    void nudges.listen({ session: { id, orgId }, waitSeconds: 30, signal }).then((isNudged) => {
      answers[id] = [...(answers[id] ?? []), isNudged];
    });
  return { nudges, news, looks, answers, listen };
};

describe('a worker that listens', () => {
  it('is answered at once when there is news for it, and nobody else is', async () => {
    const { nudges, answers, listen } = openNudges();
    listen('a');
    listen('b');
    await pass(0);
    nudges.nudge(['a', 'unknown']);
    await pass(0);
    expect(answers).toEqual({ a: [true] });
    await pass(30_000);
    expect(answers).toEqual({ a: [true], b: [false] });
  });

  it('is told what came before it arrived', async () => {
    const { news, answers, listen } = openNudges();
    news.add('a');
    listen('a');
    await pass(0);
    expect(answers).toEqual({ a: [true] });
  });

  it('is told without any notice, by one look for all that listen', async () => {
    const { news, looks, answers, listen } = openNudges(500);
    listen('a');
    listen('b');
    await pass(600);
    looks.splice(0);
    news.add('b');
    await pass(600);
    expect(answers).toEqual({ b: [true] });
    expect(looks).toEqual([['a', 'b']]);
  });

  it('is looked at seldom where notices come, but soon after they may have been missed', async () => {
    const { nudges, looks, listen } = openNudges(5_000);
    listen('a');
    await pass(1_000);
    looks.splice(0);
    await pass(3_000);
    expect(looks).toEqual([]);
    nudges.recheck([2]);
    await pass(600);
    expect(looks).toEqual([]);
    nudges.recheck([1]);
    await pass(600);
    expect(looks).toEqual([['a']]);
  });

  it('gives its place to a newer call of its session, and leaves when it hangs up or the process closes', async () => {
    const { nudges, answers, listen } = openNudges();
    const hangUp = new AbortController();
    listen('a');
    listen('a', 1, hangUp.signal);
    listen('b');
    await pass(0);
    expect(answers).toEqual({ a: [false] });
    hangUp.abort();
    nudges.close();
    listen('c');
    await pass(0);
    expect(answers).toEqual({ a: [false, false], b: [false], c: [false] });
  });

  it('hears of it with the next look when one failed', async () => {
    let isAway = true;
    const nudges = createNudges({
      sessionsWithNews: async (sessions) => {
        if (isAway) throw new Error('away');
        return sessions.map(({ id }) => id);
      },
      onError: () => undefined,
      lookMs: 500,
    });
    const answer = nudges.listen({ session: { id: 'a', orgId: 1 }, waitSeconds: 30, signal: undefined });
    await pass(600);
    isAway = false;
    await pass(600);
    expect(await answer).toBe(true);
  });
});

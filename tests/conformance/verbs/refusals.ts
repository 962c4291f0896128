import { uuidV7 } from '@longshore/contract';
import { expect, test } from 'vitest';
import type { Door } from '../doors/door.ts';
import { scene } from '../scene.ts';

export const describeRefusals = (door: Door): void => {
  const refusals: [title: string, options: object, code: string, field: RegExp][] = [
    ['an option that is misspelt', { prioritty: 1 }, 'UNKNOWN_OPTION', /prioritty/],
    ['an unknown key of backoff', { backoff: { type: 'fixed', baseSeconds: 1, x: 1 } }, '', /backoff/],
    ['a time and a delay', { runAt: '2030-01-01T00:00:00Z', delaySeconds: 1 }, 'INVALID_INPUT', /run_?at/i],
    ['an instant without an offset', { runAt: '2030-01-01T00:00:00' }, 'INVALID_INPUT', /run_?at/i],
    ['an instant that no calendar has', { runAt: '2030-02-30T00:00:00Z' }, 'INVALID_INPUT', /run_?at|^$/i],
    ['a priority beyond the range', { priority: 32_768 }, 'INVALID_INPUT', /priority/],
    ['a priority that is no whole number', { priority: 0.5 }, 'INVALID_INPUT', /priority/],
    ['a priority that is text', { priority: '1' }, 'INVALID_INPUT', /priority/],
    ['no attempts at all', { maxAttempts: 0 }, 'INVALID_INPUT', /max_?attempts/i],
    ['a delay into the past', { delaySeconds: -1 }, 'INVALID_INPUT', /delay_?seconds/i],
    ['an empty queue name', { queue: '' }, 'INVALID_INPUT', /queue/],
    ['a name of 129 characters', { queue: 'q'.repeat(129) }, 'INVALID_INPUT', /queue/],
    ['an id that is no UUID', { id: 'job-1' }, 'INVALID_INPUT', /id/],
    ['an id of another UUID version', { id: '0b5e2d4e-5a0c-4c3b-8f5d-6a1d1c2b3a4f' }, 'INVALID_INPUT', /id/],
    ['tags that are no list', { tags: 'red' }, 'INVALID_INPUT', /tags/],
    ['65 tags', { tags: Array.from({ length: 65 }, String) }, 'INVALID_INPUT', /tags/],
    ['metadata that is no object', { metadata: [1] }, 'INVALID_INPUT', /metadata/],
    [
      'an unknown kind of backoff',
      { backoff: { type: 'linear', baseSeconds: 1 } },
      'INVALID_INPUT',
      /backoff/,
    ],
    ['no parents', { dependsOn: [] }, 'INVALID_INPUT', /depends_?on/i],
    ['a batch that waits for itself', { batchId: 'b', afterBatch: 'b' }, 'INVALID_INPUT', /after_?batch/i],
    ['an option that is null', { queue: null }, 'INVALID_INPUT', /queue/],
  ];

  test.for(refusals)(
    'a submit with %s is refused, and nothing is stored',
    async ([, options, code, field]) => {
      const { submit } = scene(door);
      const id = uuidV7();
      const refusal = await submit({ id, ...options }).catch((error: unknown) => error);
      expect(refusal).toMatchObject({
        code: code || expect.stringMatching(/^(INVALID_INPUT|UNKNOWN_OPTION)$/),
      });
      expect((refusal as { field?: string }).field ?? '').toMatch(field);
      expect(await door.mine.get(id)).toBeNull();
    },
  );

  test('a job without a kind is refused', async () => {
    const refusal = door.mine.submit({ payload: null } as never);
    await expect(refusal).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'kind' });
  });

  test('an empty batch and one of 1,001 jobs are refused', async () => {
    const { kind } = scene(door);
    await expect(door.mine.submitMany([])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const tooMany = Array.from({ length: 1_001 }, () => ({ kind, payload: null }));
    await expect(door.mine.submitMany(tooMany)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
};

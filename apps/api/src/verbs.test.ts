import type { JobLifecycle } from '@longshore/db';
import { expect, test } from 'vitest';
import { createVerbs } from './verbs.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('whoever waits is woken when a submit has committed, and not before', async () => {
  const told: string[] = [];
  const commit = Promise.withResolvers<void>();
  const submit: JobLifecycle['submit'] = async () => {
    await commit.promise;
    told.push('committed');
    return [{ ok: true, id: 'job', state: 'available', isNew: true }];
  };
  const verbs = createVerbs({
    lifecycle: { submit } as JobLifecycle,
    claimBy: () => false,
    wake: () => void told.push('woken'),
    noteFinished: () => {},
    noteChanged: () => {},
    noteScheduled: () => {},
  });

  const submitted = verbs.submitMany({ orgId: 1, keyId: 'key' }, [{ kind: 'mail', payload: null }]);
  await settled();
  expect(told).toEqual([]);
  commit.resolve();
  await submitted;
  expect(told).toEqual(['committed', 'woken']);
});

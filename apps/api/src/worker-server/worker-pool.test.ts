import { expect, test } from 'vitest';
import { models } from '../worker-socket/testing/socket-worker.ts';
import type { ConnectedWorker, WorkerCapabilities, WorkerMessage } from './types.ts';
import { WorkerPool } from './worker-pool.ts';

const makePool = (options: ConstructorParameters<typeof WorkerPool>[0] = {}) => {
  const sent: [string, WorkerMessage][] = [];
  const pool = new WorkerPool(options);
  const add = (id: string, capabilities: Partial<WorkerCapabilities> = {}): void => {
    const worker: ConnectedWorker = {
      id,
      name: id,
      sessionId: `session of ${id}`,
      connectedAt: new Date(0),
      capabilities: { models, maxConcurrentRequests: 2, ...capabilities },
      send: (message) => sent.push([id, message]) > 0,
    };
    pool.add(worker);
  };
  return { pool, add, sent };
};
const model = (modelId: string) => ({ ...models[0]!, modelId });

test('the least loaded worker is chosen, in proportion to what it takes', () => {
  const { pool, add } = makePool();
  add('small', { maxConcurrentRequests: 2 });
  add('large', { maxConcurrentRequests: 10 });
  expect(pool.getAvailableWorker('sonnet')?.id).toBe('small');
  pool.trackRequest('small', '1');
  pool.trackRequest('large', '2');
  pool.trackRequest('large', '3');
  expect(pool.getAvailableWorker('sonnet')?.id).toBe('large');
});

test('no worker is ever chosen that has as many requests as it takes', () => {
  const { pool, add } = makePool();
  add('one', { maxConcurrentRequests: 1 });
  pool.trackRequest('one', '1');
  expect(pool.get('one')?.status).toBe('busy');
  expect(pool.getAnyAvailableWorker()).toBeNull();
  expect(pool.getAvailableWorker('sonnet')).toBeNull();
  expect(pool.availableSlots()).toBe(0);
  expect([pool.getCount(), pool.getAvailableCount()]).toEqual([1, 0]);
});

test('a model is matched by its whole name, unless asked otherwise', () => {
  const { pool, add } = makePool();
  add('omni', { models: [model('gpt-4o')] });
  expect(pool.getAvailableWorker('gpt-4')).toBeNull();
  expect(pool.getAvailableWorker('gpt-4o')?.id).toBe('omni');
  const lenient = makePool({ modelMatch: 'substring' });
  lenient.add('omni', { models: [model('gpt-4o')] });
  expect(lenient.pool.getAvailableWorker('gpt-4')?.id).toBe('omni');
});

test('a category that is full is passed over, one without a limit never', () => {
  const { pool, add } = makePool();
  add('one', { maxConcurrentRequests: 10, concurrencyLimits: { inference: 1, off: 0 } });
  pool.trackRequest('one', '1', 'inference');
  expect(pool.getAvailableWorker('sonnet', 'inference')).toBeNull();
  expect(pool.getAvailableWorker('sonnet', 'off')).toBeNull();
  expect(pool.getAvailableWorker('sonnet', 'embeddings')?.id).toBe('one');
  expect(pool.getAvailableWorker('sonnet', 'toString')?.id).toBe('one');
  pool.releaseRequest('1');
  expect(pool.getAvailableWorker('sonnet', 'inference')?.id).toBe('one');
});

test('a request counts once, however often it is tracked, and for one worker', () => {
  const { pool, add } = makePool();
  add('one');
  add('two');
  pool.trackRequest('one', '1', 'inference');
  pool.trackRequest('one', '1', 'inference');
  expect(pool.get('one')).toMatchObject({ activeRequests: 1 });
  pool.trackRequest('two', '1', 'inference');
  expect(pool.get('one')).toMatchObject({ activeRequests: 0, completedRequests: 0 });
  expect(pool.get('two')?.categoryActiveRequests).toEqual(new Map([['inference', 1]]));
  expect(pool.releaseRequest('1', { incrementCompleted: true })).toBe(true);
  expect(pool.releaseRequest('1', { incrementCompleted: true })).toBe(false);
  expect(pool.get('two')).toMatchObject({ activeRequests: 0, completedRequests: 1 });
  expect(pool.trackRequest('nobody', '2')).toBe(false);
});

test('what was handed out does not change, and changes nothing', () => {
  const { pool, add } = makePool();
  add('one');
  pool.trackRequest('one', '1', 'inference');
  const info = pool.get('one')!;
  pool.trackRequest('one', '2', 'inference');
  expect([...info.pendingRequestIds]).toEqual(['1']);
  (info.pendingRequestIds as Set<string>).clear();
  (info.categoryActiveRequests as Map<string, number>).clear();
  info.lastHeartbeat.setTime(0);
  expect(() => Object.assign(info, { status: 'busy' })).toThrow(TypeError);
  expect(() => Object.assign(info.capabilities, { maxConcurrentRequests: 99 })).toThrow(TypeError);
  expect(pool.get('one')).toMatchObject({ activeRequests: 2 });
  expect(pool.get('one')!.categoryActiveRequests.get('inference')).toBe(2);
  expect(pool.get('one')!.lastHeartbeat.getTime()).toBeGreaterThan(0);
});

test('a silent worker is unhealthy, then dead; a heartbeat heals it', () => {
  let nowMs = 0;
  const { pool, add } = makePool({ nowMs: () => nowMs });
  add('one');
  nowMs = 61_000;
  expect(pool.checkHealth(60_000)).toEqual([]);
  expect(pool.get('one')?.status).toBe('unhealthy');
  expect(pool.getAnyAvailableWorker()).toBeNull();
  pool.noteHeartbeat('one');
  expect(pool.get('one')?.status).toBe('available');
  nowMs += 180_001;
  expect(pool.checkHealth(60_000)).toEqual(['one']);
});

test('a draining worker is given nothing more', () => {
  const { pool, add } = makePool();
  add('one');
  pool.setDraining('one', true);
  expect(pool.get('one')?.status).toBe('draining');
  expect(pool.getAnyAvailableWorker()).toBeNull();
});

test('messages go to one worker or to all, and nowhere else', () => {
  const { pool, add, sent } = makePool();
  add('one');
  add('two');
  expect(pool.send('one', { type: 'ping' })).toBe(true);
  expect(pool.send('three', { type: 'ping' })).toBe(false);
  pool.broadcast({ type: 'shutdown' });
  expect(sent.map(([id, { type }]) => `${id} ${type}`)).toEqual(['one ping', 'one shutdown', 'two shutdown']);
});

import { createListener, type Listener, type ListenerOptions, type Notice } from '@longshore/db';
import { eventually, startTcpProxy, type TcpProxy, targetAt, useDatabase } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';

const database = useDatabase();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const startProxy = async (): Promise<TcpProxy> => {
  const proxy = await startTcpProxy({ pickTarget: () => targetAt(database.url) });
  ends.push(proxy.close);
  return proxy;
};

const listen = (options: Partial<ListenerOptions> = {}) => {
  const heard: Notice[] = [];
  const log = { attachments: 0, errors: 0 };
  const listener: Listener = createListener({
    url: database.url,
    probeSeconds: 0.05,
    onNotice: (notice) => heard.push(notice),
    onAttached: () => {
      log.attachments += 1;
    },
    onError: () => {
      log.errors += 1;
    },
    ...options,
  });
  ends.push(() => listener.stop());
  listener.start();
  return { heard, log, listener };
};

const notify = (payload: string) => database.query("select pg_notify('longshore', $1)", [payload]);
const ofListeners = "application_name = 'longshore-listen' and datname = current_database()";
const countListeners = async (): Promise<number> =>
  (await database.query(`select from pg_stat_activity where ${ofListeners}`)).length;

test('B-19: a listening connection that is half open is found out, and another takes over', async () => {
  const proxy = await startProxy();
  const { heard, log } = listen({ url: proxy.through(database.url) });
  await eventually(() => log.attachments === 1);
  const [halfOpen] = proxy.links();
  proxy.impose({ stalls: 'both', concerns: (link) => link === halfOpen });
  await notify('wake:me:1');

  await eventually(() => log.attachments === 2, { timeoutMs: 40_000 });
  await notify('wake:me:2');
  await eventually(() => heard.length > 0);
  expect(heard).toEqual([{ type: 'wake', sender: 'me', orgIds: [2] }]);
});

test('B-21, B-23: a listener whose connection is ended again and again is one listener, on one connection', async () => {
  const { heard, log, listener } = listen();
  await eventually(() => log.attachments === 1);
  for (let cut = 1; cut <= 25; cut++) {
    await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${ofListeners}`);
    await eventually(() => log.attachments === cut + 1, { timeoutMs: 30_000, pollMs: 5 });
  }
  await eventually(async () => (await countListeners()) === 1);
  await notify('wake:me:1');
  await notify('changed:me:2');
  await eventually(() => heard.length >= 2);
  expect(heard.map(({ type }) => type)).toEqual(['wake', 'changed']);

  await listener.stop();
  await eventually(async () => (await countListeners()) === 0);
});

import { eventually, gate, useDatabase } from '@longshore/test-kit';
import { afterEach, describe, expect, test } from 'vitest';
import { createListener, type Listener, type ListenerOptions } from './listener.ts';
import { formatNotice, type Notice, parseNotice } from './notices.ts';

const database = useDatabase();
const listeners: Listener[] = [];

const listen = (options: Partial<ListenerOptions> = {}) => {
  const heard: Notice[] = [];
  const log = { attachments: 0, errors: 0 };
  const attached = gate();
  const listener = createListener({
    url: database.url,
    probeSeconds: 0.05,
    onNotice: (notice) => heard.push(notice),
    onAttached: () => {
      log.attachments += 1;
      attached.open();
    },
    onError: () => {
      log.errors += 1;
    },
    ...options,
  });
  listeners.push(listener);
  listener.start();
  return { heard, log, listener, attached: attached.opened };
};
const notify = (payload: string) => database.query('select pg_notify($1, $2)', ['longshore', payload]);
const wake = (sender: string, orgIds: number[]): Notice => ({ type: 'wake', sender, orgIds });

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.stop()));
});

describe('a listener', () => {
  test('hears notices, and leaves alone what it does not know', async () => {
    const { heard, attached } = listen();
    await attached;
    await notify('from the future:1');
    await notify('');
    await notify(formatNotice(wake('me', [1, 2])));
    await eventually(() => heard.length > 0);
    expect(heard).toEqual([wake('me', [1, 2])]);
  });

  test('attaches again when its connection is terminated, and says so', async () => {
    const { heard, log, listener, attached } = listen();
    await attached;
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'longshore-listen' and datname = current_database()`,
    );
    await eventually(() => log.attachments === 2);
    expect(log.errors).toBeGreaterThan(0);
    expect(listener.isAttached).toBe(true);
    await notify(formatNotice(wake('me', [3])));
    await eventually(() => heard.length === 1);
  });

  test('B-20: notices that its registration is gone though the connection lives', async () => {
    await letProbesUnlisten();
    const url = `${database.url}?options=${encodeURIComponent('-c search_path=shadow,pg_catalog')}`;
    const { heard, log, attached } = listen({ url });
    await attached;
    await database.query('insert into shadow.requests values (true)');
    await eventually(() => log.attachments === 2);
    await notify(formatNotice(wake('me', [4])));
    await eventually(() => heard.length === 1);
  });

  test('keeps trying while the server refuses it, and stops when told to', async () => {
    const refused = listen({ url: 'postgres://nobody@127.0.0.1:1/none' });
    await eventually(() => refused.log.errors >= 2);
    expect(refused.listener.isAttached).toBe(false);
    await refused.listener.stop();
  });

  test('lets go of its connection when it stops', async () => {
    const { listener, attached } = listen();
    await attached;
    await listener.stop();
    expect(listener.isAttached).toBe(false);
    await eventually(async () => (await connections()) === 0);
  });
});

test('a notice of many orgs stays far below the limit of PostgreSQL', () => {
  const orgIds = Array.from({ length: 5_000 }, (_, place) => 2_000_000_000 + place);
  const payload = formatNotice({ type: 'changed', sender: 'a'.repeat(16), orgIds });
  expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
  expect(parseNotice(payload)).toMatchObject({ orgIds: orgIds.slice(0, 600) });
});

test('a notice that somebody else has stuffed names each org once, and no more of them than ours', () => {
  expect(parseNotice(`changed:x:${Array(3_990).fill('1').join()}`)).toMatchObject({ orgIds: [1] });
  const many = Array.from({ length: 2_000 }, (_, orgId) => orgId);
  expect(parseNotice(`changed:x:${many.join()}`)).toMatchObject({ orgIds: many.slice(0, 600) });
  expect(parseNotice(`changed:x:${'9'.repeat(7_900)}`)).toBeNull();
});

/**
 * Only the connection itself can lose its registration, as behind a pooler that resets it. So the probe's own question
 * does it once, when asked to, for a listener that finds this function before PostgreSQL's.
 */
const letProbesUnlisten = () =>
  database.query(`
    create schema shadow;
    create table shadow.requests (is_wanted boolean);
    create function shadow.pg_listening_channels() returns setof text language plpgsql as $$
    begin
      delete from shadow.requests;
      if found then
        execute 'unlisten *';
      end if;
      return query select pg_catalog.pg_listening_channels();
    end $$
  `);

const connections = async (): Promise<number> => {
  const rows = await database.query(
    `select from pg_stat_activity where application_name = 'longshore-listen' and datname = current_database()`,
  );
  return rows.length;
};

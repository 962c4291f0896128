import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Notice, noticeChannel, parseNotice } from './notices.ts';

export interface ListenerOptions {
  /** A direct URL: LISTEN does not survive a transaction pooler. */
  url: string;
  onNotice: (notice: Notice) => void;
  /** Called after every LISTEN that took hold: scan now for what was missed. */
  onAttached: () => void;
  onError?: (error: Error) => void;
  /** How often the connection proves that it is alive and still listening. Default 5. */
  probeSeconds?: number;
}

export interface Listener {
  /** Begins to listen and keeps at it until stop; resolves at once. */
  start(): void;
  stop(): Promise<void>;
  readonly isAttached: boolean;
}

/**
 * One connection of its own, outside any pool. A half-open socket stays silent for ever and a registration can vanish
 * while the connection lives (pg-boss #851), so both are probed; whatever fails, a new connection takes over.
 */
export const createListener = (options: ListenerOptions): Listener => {
  const probeMs = (options.probeSeconds ?? 5) * 1_000;
  const stopped = new AbortController();
  let isAttached = false;
  let attachments = 0;
  let running: Promise<void> | undefined;

  const attach = async (client: pg.Client): Promise<void> => {
    await client.connect();
    client.on('notification', ({ payload }) => {
      const notice = parseNotice(payload ?? '');
      if (notice) options.onNotice(notice);
    });
    await client.query(`listen ${noticeChannel}`);
    isAttached = true;
    attachments += 1;
    options.onAttached();
  };

  const probeUntilBroken = async (client: pg.Client, broken: Promise<never>): Promise<void> => {
    while (!stopped.signal.aborted) {
      await Promise.race([delay(probeMs, undefined, { signal: stopped.signal }), broken]);
      const { rows } = await Promise.race([
        client.query<{ channel: string }>('select pg_listening_channels() as channel'),
        broken,
      ]);
      if (!rows.some((row) => row.channel === noticeChannel))
        throw new Error('the registration for notifications is gone');
    }
  };

  const listenOnce = async (): Promise<void> => {
    const client = new pg.Client({
      connectionString: options.url,
      application_name: 'longshore-listen',
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    const broken = new Promise<never>((_, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('the listening connection ended')));
    });
    broken.catch(() => {});
    try {
      await attach(client);
      await probeUntilBroken(client, broken);
    } finally {
      isAttached = false;
      // end() waits for the server's goodbye, which a half-open socket never sends.
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!stopped.signal.aborted) {
      const attachedAt = attachments;
      try {
        await listenOnce();
      } catch (error) {
        if (stopped.signal.aborted) return;
        failures = attachments > attachedAt ? 0 : failures + 1;
        options.onError?.(error as Error);
        const waitMs = Math.min(1_000, 50 * 2 ** Math.min(failures, 5)) * (0.5 + Math.random() / 2);
        await delay(waitMs, undefined, { signal: stopped.signal }).catch(() => {});
      }
    }
  };

  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      stopped.abort();
      await running;
    },
    get isAttached() {
      return isAttached;
    },
  };
};

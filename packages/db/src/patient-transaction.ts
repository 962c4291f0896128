import { setTimeout as delay } from 'node:timers/promises';
import { LongshoreError } from '@longshore/contract';
import type pg from 'pg';

/**
 * How long a statement of a migration waits for a lock. Whoever comes after it waits behind it, so it is short, and the whole
 * transaction is tried again later.
 */
export const lockTimeoutMs = 50;

const patienceSeconds = 300;
const pauseMs = { min: 200, max: 1_000 };

/**
 * Runs work in a transaction, again and again while others hold locks that it needs or change the same rows of the catalogue.
 * Throws UNAVAILABLE after five minutes of that, and what the work throws otherwise. `work` must be fit to run more than once.
 */
export const inPatientTransaction = async (
  client: pg.Client,
  name: string,
  work: () => Promise<void>,
): Promise<void> => {
  const deadline = Date.now() + patienceSeconds * 1_000;
  for (;;) {
    try {
      return await inTransaction(client, work);
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (Date.now() > deadline) throw outOfPatience(name, error);
    }
    await delay(pauseMs.min + Math.random() * (pauseMs.max - pauseMs.min));
  }
};

const inTransaction = async (client: pg.Client, work: () => Promise<void>): Promise<void> => {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
};

/** Locks, deadlocks, and catalogue rows that another migrator or a background duty changed or dropped at this moment. */
const isPassing = (error: unknown): boolean => {
  const { code, message } = error as { code?: string; message?: string };
  return (
    code === '55P03' ||
    code === '40P01' ||
    (code === 'XX000' && /tuple concurrently|could not open relation|cache lookup failed/.test(message ?? ''))
  );
};

const outOfPatience = (name: string, cause: unknown): LongshoreError =>
  new LongshoreError('UNAVAILABLE', `${name} waits for a lock that somebody has held for minutes`, {
    hint: 'Nothing of it has been applied. Look for a long transaction (longshore doctor), end it, and run migrate again.',
    cause,
  });

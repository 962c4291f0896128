import type { RateClass } from '@longshore/contract';
import type { Database } from './connect.ts';
import { query } from './query.ts';

export interface Draw {
  orgId: number;
  keyId: string;
  class: RateClass;
  /** Fewer than these are of no use. */
  needed: number;
  wanted: number;
  perMinute: number;
}

/** `waitSeconds` is when `needed` tokens will be there; null for more than ever are. */
export interface Drawn {
  granted: number;
  waitSeconds: number | null;
}

/** Draws tokens from the bucket that all API processes share. Throws UNAVAILABLE without a database. */
export const drawTokens = async ({ pool }: Database, draw: Draw): Promise<Drawn> => {
  const [row] = await query<{ granted: number; wait_seconds: number | null }>(
    pool,
    'select * from longshore.draw_tokens($1, $2, $3, $4, $5, $6)',
    [draw.orgId, draw.keyId, draw.class, draw.needed, draw.wanted, draw.perMinute],
  );
  return { granted: row!.granted, waitSeconds: row!.wait_seconds };
};

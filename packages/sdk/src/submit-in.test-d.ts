import type { Kysely, Transaction } from 'kysely';
import type { Client, Pool, PoolClient } from 'pg';
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import { defineJob, submitIn } from './index.ts';

const greet = defineJob({ kind: 'greet', payload: z.object({ name: z.string() }) });

declare const pgClient: Client;
declare const poolClient: PoolClient;
declare const pool: Pool;
declare const kysely: Kysely<{ users: { id: number } }>;
declare const transaction: Transaction<{ users: { id: number } }>;

expectTypeOf(await submitIn(pgClient, greet, { name: 'Ada' })).toEqualTypeOf<{ id: string }>();
await submitIn(poolClient, greet, { name: 'Ada' }, { org: 'acme', delaySeconds: 5 });
await submitIn(pool, greet, { name: 'Ada' });
await submitIn(kysely, greet, { name: 'Ada' });
await submitIn(transaction, greet, { name: 'Ada' });
// @ts-expect-error the payload is checked as in submit
await submitIn(transaction, greet, { nom: 'Ada' });
// @ts-expect-error a URL is no transaction
await submitIn('postgres://127.0.0.1', greet, { name: 'Ada' });
// @ts-expect-error there is no such option
await submitIn(pgClient, greet, { name: 'Ada' }, { orgId: 1 });

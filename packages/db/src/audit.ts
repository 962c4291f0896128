import type { Role } from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/** Who acts: a key through the API, or somebody at a database connection. */
export interface Actor {
  /** null for somebody who holds no key. */
  keyId: string | null;
  role: Role | 'database';
  /** null for the login of the connection. */
  name: string | null;
  requestId: string | null;
  address: string | null;
}

/** What was done. `before` and `after` are short, and never hold secrets or payloads. */
export interface Act {
  /** Such as `keys.revoke`: the procedure's name. */
  action: string;
  /** What it was done to, such as the id of a key. */
  target: string;
  before?: object | null;
  after?: object | null;
}

/** How rows name who did something to them; view job_events finds the name of a key. */
export const nameOfActor = ({ keyId, name, role }: Actor): string => keyId ?? name ?? role;

/** Somebody who works on the database directly, such as the CLI with an owner's URL. */
export const databaseActor: Actor = {
  keyId: null,
  role: 'database',
  name: null,
  requestId: null,
  address: null,
};

/** Writes the act into the org's log. Call it last in the act's transaction: the end of the chain is locked until commit. */
export const appendAudit = async (
  transaction: Transaction<Schema>,
  orgId: number,
  actor: Actor,
  { action, target, before = null, after = null }: Act,
): Promise<void> => {
  await sql`select longshore.append_audit(
    ${orgId}, ${actor.keyId}, ${actor.role}, ${actor.name}, ${action}, ${target},
    ${before && JSON.stringify(before)}::jsonb, ${after && JSON.stringify(after)}::jsonb, ${actor.requestId}, ${actor.address}
  )`.execute(transaction);
};

import { randomBytes, randomUUID } from 'node:crypto';
import { uuidV7 } from '@longshore/contract';
import { leavesOf } from './input-shape.ts';
import type { Procedure } from './procedures.ts';

/** What a string in an input may name. `plain` names nothing that belongs to anybody. */
export type IdKind =
  | 'job'
  | 'session'
  | 'lease'
  | 'worker'
  | 'key'
  | 'hash'
  | 'batch'
  | 'externalId'
  | 'idempotencyKey'
  | 'queue'
  | 'jobKind'
  | 'tag'
  | 'capability'
  | 'category'
  | 'slug'
  | 'message'
  | 'plain';

/**
 * What each string field of the inputs names, by `group.field` where groups differ and by `field` else. The attack matrix
 * puts another org's things into all but the plain ones, so a new field must be told here.
 */
const kinds: Record<string, IdKind> = {
  id: 'job',
  ids: 'job',
  jobIds: 'job',
  'keys.id': 'key',
  'keys.ids': 'key',
  'workers.id': 'worker',
  'workers.ids': 'worker',
  dependsOn: 'job',
  cursor: 'job',
  sessionId: 'session',
  leaseToken: 'lease',
  workerId: 'worker',
  keyId: 'key',
  keyHash: 'hash',
  batchId: 'batch',
  afterBatch: 'batch',
  externalId: 'externalId',
  idempotencyKey: 'idempotencyKey',
  queue: 'queue',
  queues: 'queue',
  kind: 'jobKind',
  kinds: 'jobKind',
  allowedKinds: 'jobKind',
  tag: 'tag',
  tags: 'tag',
  capability: 'capability',
  capabilities: 'capability',
  requiredCapabilities: 'capability',
  allowedCapabilities: 'capability',
  deniedCapabilities: 'capability',
  category: 'category',
  categoryLimits: 'category',
  concurrencyLimits: 'category',
  slug: 'slug',
  messageId: 'message',
  messageIds: 'message',
  'workers.cursor': 'message',
  // What a message is for: one of our names, or the application's.
  type: 'plain',
  // What somebody did, and to what: mostly a key or a worker.
  'audit.action': 'plain',
  'audit.target': 'key',
  // Of an error, a worker, a key or a session: text that is stored as it is.
  name: 'plain',
  message: 'plain',
  code: 'plain',
  stack: 'plain',
  text: 'plain',
  reason: 'plain',
  host: 'plain',
  version: 'plain',
  sdkVersion: 'plain',
  keyStart: 'plain',
  runAt: 'plain',
  from: 'plain',
  createdBefore: 'plain',
  // How far somebody has read: counts and instants of what the stream itself names.
  lastEventId: 'plain',
  expiresAt: 'plain',
};

/** What the text at a path names. Throws for a field that nobody has classified. */
export const idKindOf = ({ name, group }: Procedure, path: string): IdKind => {
  const field = path
    .split('.')
    .filter((step) => step !== '*' && step !== '{key}')
    .at(-1)!;
  const kind = kinds[`${group}.${field}`] ?? kinds[field];
  if (kind) return kind;
  throw new Error(
    `${name}: nobody has said what the text ${path} names. Add '${group}.${field}' to the table in tests/surface/id-kinds.ts ` +
      `(and to Things in tests/surface/seed-org.ts if it is a new kind of id).`,
  );
};

/** An org's things by kind; what an attacker would like to name. */
export type Things = Record<Exclude<IdKind, 'plain'>, string[]>;

/** A thing of this kind that nobody has; an id is as old as `like`, because lists are in the order of age. */
export const missingThing = (kind: IdKind, like: string = uuidV7()): string => {
  switch (kind) {
    case 'lease':
      return randomUUID();
    case 'hash':
      return randomBytes(32).toString('hex');
    case 'job':
    case 'session':
    case 'worker':
    case 'key':
    case 'message':
      return like.slice(0, 14) + uuidV7().slice(14);
    default:
      return `missing-${randomBytes(6).toString('hex')}`;
  }
};

export interface IdLeaf {
  path: string;
  kind: Exclude<IdKind, 'plain'>;
}

/** The places of an input where something can be named. */
export const idLeavesOf = (procedure: Procedure): IdLeaf[] =>
  leavesOf(procedure.input).flatMap(({ path, shape }) => {
    if (shape.is !== 'text') return [];
    const kind = idKindOf(procedure, path);
    return kind === 'plain' ? [] : [{ path, kind }];
  });

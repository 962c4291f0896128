import { createAdmin, createSessions, type Database } from '@longshore/db';
import type { Arena } from './use-arena.ts';

/** A worker of the arena's org with one key and an open session, made as the API makes them. */
export const startWorker = async (
  arena: Arena,
  db: Database,
): Promise<{ id: string; keyId: string; sessionId: string }> => {
  const { id } = await createAdmin(db).registerWorker(arena.orgId, { name: 'worker' });
  const { sessionId } = await createSessions(db).open(arena.orgId, id, { kinds: ['work'], capabilities: [] });
  const [key] = await arena.database.query<{ id: string }>(
    'select id from longshore.api_keys where worker_id = $1',
    [id],
  );
  return { id, keyId: key!.id, sessionId };
};

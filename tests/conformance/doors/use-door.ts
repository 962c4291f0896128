import { steerClock, type TestDatabase, useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll } from 'vitest';
import type { Door, OpenDoor } from './door.ts';

/** A database as its owner reaches it and as API processes do. */
export type DoorUrls = Pick<TestDatabase, 'url' | 'apiUrl'>;

/** Opens a door onto a database of the file's own, with its clock in hand. Usable in tests. */
export const useDoor = (open: (database: DoorUrls) => Promise<OpenDoor>): Door => {
  const database = useDatabase();
  const clock = steerClock(database);
  let door: OpenDoor | undefined;
  beforeAll(async () => {
    door = await open(database);
  });
  afterAll(() => door?.close());

  const opened = (): OpenDoor => {
    if (!door) throw new Error('The door opens in beforeAll: use it in tests and later hooks only.');
    return door;
  };
  return {
    clock,
    query: (sql, params) => database.query(sql, params),
    runDuties: () => opened().runDuties(),
    get mine() {
      return opened().mine;
    },
    get theirs() {
      return opened().theirs;
    },
  };
};

import { describe } from 'vitest';
import { openDbDoor } from './doors/db-door.ts';
import { useDoor } from './doors/use-door.ts';
import { describeTenants } from './verbs/tenants.ts';

// The owner is a superuser here, whom row-level security lets through: only what the statements say keeps the orgs apart.
describe('without the second wall', () => {
  const door = useDoor(({ url }) => openDbDoor({ url, apiUrl: url }));
  describeTenants(door);
});

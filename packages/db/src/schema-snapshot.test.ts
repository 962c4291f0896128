import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readSchema, useDatabase } from '@longshore/test-kit';
import { expect, test } from 'vitest';

const database = useDatabase();
const file = new URL('../../../migrations/schema.snapshot.txt', import.meta.url);

test('the schema is the one in migrations/schema.snapshot.txt (UPDATE_SNAPSHOT=1 writes it anew)', async () => {
  const schema = await readSchema(database);
  if (process.env.UPDATE_SNAPSHOT === '1') writeFileSync(file, schema);
  expect(existsSync(file)).toBe(true);
  expect(schema).toBe(readFileSync(file, 'utf8'));
});

import { readdirSync, readFileSync } from 'node:fs';
import { errorCodeOfSqlState, errorCodes } from '@longshore/contract';
import { describe, expect, test } from 'vitest';

const folder = new URL('../../../migrations/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.sql'),
);

/** Each `raise exception` of a file, up to its semicolon. */
const raisesOf = (file: string): string[] =>
  readFileSync(new URL(file, folder), 'utf8').match(/\braise exception\b[^;]*;/g) ?? [];

const raising = files.filter((file) => raisesOf(file).length > 0);

test('there are functions that raise, so that this test looks at something', () => {
  expect(raising).toContain('functions/check_submit.sql');
});

describe.for(raising)('%s', (file) => {
  test.for(raisesOf(file))('raises a code of the closed list, with the field: %s', (raise) => {
    const [, sqlState] = /errcode = '(\w+)'/.exec(raise) ?? [];
    expect(sqlState).toBeDefined();
    expect(errorCodeOfSqlState(sqlState!)).toBeDefined();
    expect(raise).toMatch(/\bmessage = /);
    expect(raise).toMatch(/\bdetail = /);
  });
});

test('codes that SQL answers in words are of the closed list too', () => {
  const text = readFileSync(new URL('functions/submit_jobs.sql', folder), 'utf8');
  const [, answered] = /case\s+when items\.id = any[\s\S]*?end/.exec(text) ? [0, text] : [0, ''];
  for (const word of answered.match(/'[A-Z]+_[A-Z_]+'/g) ?? [])
    expect(Object.keys(errorCodes)).toContain(word.slice(1, -1));
});

test('every code has a SQLSTATE of its own, outside the classes that PostgreSQL keeps for itself', () => {
  const states = Object.values(errorCodes).map(({ sqlState }) => sqlState);
  expect(new Set(states).size).toBe(states.length);
  for (const state of states) expect(state).toMatch(/^LS\d{3}$/);
});

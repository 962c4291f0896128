import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { inject } from 'vitest';
import type { TestDatabase } from './test-database.ts';

/** Put into payloads, results and error texts by tests: it may stand in no log. */
export const payloadCanary = 'canary-5b1f7a90-payload';

/** Where a run keeps what its processes logged and which secrets its databases held. */
export const makeEvidenceFolder = (): string => mkdtempSync(join(tmpdir(), 'longshore-evidence-'));

/** A log for one process, searched for secrets when the run ends. */
export const openEvidenceLog = (): Writable =>
  createWriteStream(join(inject('evidenceFolder'), `${crypto.randomUUID()}.log`));

/** Notes the lease tokens of a database that is about to go, and every API key that stands in one of its rows. */
export const noteDatabase = async (database: Pick<TestDatabase, 'query'>): Promise<void> => {
  const folder = inject('evidenceFolder');
  const tokens = await database.query<{ token: string }>(`
    select lease_token::text as token from longshore.jobs where lease_token is not null
    union all
    (select lease_token::text from longshore.finished_jobs where lease_token is not null limit 10000)`);
  await appendFile(join(folder, 'tokens.txt'), tokens.map(({ token }) => `${token}\n`).join(''));
  const tables = await database.query<{ name: string }>(
    "select oid::regclass::text as name from pg_class where relnamespace = 'longshore'::regnamespace and relkind in ('r', 'p') and not relispartition",
  );
  for (const { name } of tables) {
    const found = await database.query(
      `select from ${name} as t where t::text ~ '${keyPattern.source}' limit 1`,
    );
    if (found.length > 0) await appendFile(join(folder, 'leaks.txt'), `an API key in a row of ${name}\n`);
  }
};

/** What was searched, and every secret that was found where none may be. */
export interface SecretSearch {
  logBytes: number;
  tokens: number;
  leaks: string[];
}

/** Searches what a run left for API keys, lease tokens and payloads, and removes it. */
export const searchEvidence = (folder: string): SecretSearch => {
  const tokens = new Set(readLines(join(folder, 'tokens.txt')));
  const leaks = readLines(join(folder, 'leaks.txt'));
  let logBytes = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.log'))) {
    const log = readFileSync(join(folder, file), 'utf8');
    logBytes += log.length;
    for (const line of log.split('\n')) leaks.push(...leaksIn(line, tokens));
  }
  rmSync(folder, { recursive: true, force: true });
  return { logBytes, tokens: tokens.size, leaks };
};

const keyPattern = /lsh_(?:operator|admin|submit|worker)_[0-9A-Za-z]{49}/;
const uuidPattern = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const leaksIn = (line: string, tokens: ReadonlySet<string>): string[] => [
  ...(keyPattern.test(line) ? [`an API key: ${shorten(line)}`] : []),
  ...(line.includes(payloadCanary) ? [`a payload: ${shorten(line)}`] : []),
  ...(line.match(uuidPattern) ?? [])
    .filter((uuid) => tokens.has(uuid))
    .map(() => `a lease token: ${shorten(line)}`),
  // Background work that lacks a right fails again and again, and no test hears of it.
  ...(line.includes('"42501"') ? [`a missing right of longshore_api: ${shorten(line)}`] : []),
];

const shorten = (line: string): string => line.slice(0, 300);

const readLines = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
};

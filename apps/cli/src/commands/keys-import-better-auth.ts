import { databaseActor, type ImportedRow, importBetterAuthKeys } from '@longshore/db';
import { databaseOptions, defineCommand } from '../command.ts';
import { readKeyFormat, withDatabaseAdmin } from '../database-admin.ts';
import { readChoice, requireValue } from '../read-values.ts';
import { renderTable } from '../render-table.ts';

export const command = defineCommand({
  options: {
    'from-url': { type: 'string', value: 'URL', help: 'the database that better-auth keeps its keys in' },
    schema: { type: 'string', value: 'NAME', help: 'of its table; default public' },
    table: { type: 'string', value: 'NAME', help: 'its table of keys; default apikey' },
    org: { type: 'string', value: 'SLUG', help: 'whose keys they become' },
    role: { type: 'string', value: 'ROLE', help: 'what they may do: worker (a worker each) or submit' },
    'reference-id': { type: 'string', value: 'ID', help: 'only the keys of this user or organization' },
    'keep-rate-limits': { type: 'boolean', help: 'take its rate limits over; default: they stay behind' },
    'dry-run': { type: 'boolean', help: 'store nothing, and show what would happen' },
    ...databaseOptions,
  },
  notes: `
The keys work unchanged with Longshore afterwards, by either header; only their hashes are read and stored. Rows that are
disabled, expired or used up, and rows that hold a key instead of its hash, are left out and listed. Running it twice is
harmless: what was taken over before is a duplicate then.`,
  run: async ({ values, env, output }) => {
    const org = requireValue('org', values.org);
    const from = {
      fromUrl: requireValue('from-url', values['from-url']),
      role: readChoice('role', requireValue('role', values.role), ['worker', 'submit']),
      schema: values.schema,
      table: values.table,
      referenceId: values['reference-id'],
      keepRateLimits: values['keep-rate-limits'],
      isDryRun: values['dry-run'],
    };
    const rows = await withDatabaseAdmin({ values, env }, async (admin, db) =>
      importBetterAuthKeys(db, databaseActor, await readKeyFormat(env), await admin.orgIdOf(org), from),
    );
    output.answer(rows, () => `${renderRows(rows)}\n\n${renderSum(rows, from.isDryRun)}`);
    return undefined;
  },
});

const renderRows = (rows: ImportedRow[]): string =>
  renderTable(
    [
      { title: 'BETTER-AUTH ID', read: (row) => row.sourceId },
      { title: 'NAME', read: (row) => row.name },
      { title: 'OUTCOME', read: (row) => row.outcome },
      { title: 'KEY', read: (row) => row.keyId },
      { title: 'WORKER', read: (row) => row.workerId },
      { title: 'NOTES', read: (row) => row.notes.join('; ') || null },
    ],
    rows,
  );

const renderSum = (rows: ImportedRow[], isDryRun: boolean | undefined): string => {
  const imported = rows.filter(({ outcome }) => outcome === 'imported').length;
  const sum = `${imported} of ${rows.length} keys imported`;
  return isDryRun ? `${sum.replace('imported', 'would be imported')}; nothing was stored` : sum;
};

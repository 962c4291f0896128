import { readFile, writeFile } from 'node:fs/promises';
import { type AuditHead, type AuditReport, connect, verifyAudit } from '@longshore/db';
import { readHeads } from '../audit-heads.ts';
import { databaseOptions, defineCommand } from '../command.ts';
import { findDatabaseUrl } from '../connections.ts';
import { exitCodes } from '../exit-codes.ts';

const statementMsMax = 3_600_000;

export const command = defineCommand({
  options: {
    org: { type: 'string', value: 'SLUG', help: 'only the log of this org' },
    expect: { type: 'string', value: 'FILE', help: 'heads saved before, which must still be in the logs' },
    save: {
      type: 'string',
      value: 'FILE',
      help: 'write the heads as they are now; not when something is wrong',
    },
    ...databaseOptions,
  },
  notes: `
Reads the database (DATABASE_URL) as the schema's owner, or as a login of longshore_reader for the orgs it is bound to.
Whoever may rewrite the whole log can make it consistent again; heads kept where he cannot reach show even that.
Ends with 1 when anything is wrong.`,
  run: async ({ values, env, output }) => {
    const url = findDatabaseUrl(values, env);
    const expected = values.expect ? readHeads(values.expect, await readFile(values.expect, 'utf8')) : [];
    const reports = await verify(url, values.org, expected);
    const isWhole = reports.every(({ breaks }) => breaks.length === 0);
    if (values.save && isWhole)
      await writeFile(values.save, `${JSON.stringify(reports.map(toHead), null, 2)}\n`);
    output.answer(reports, () => reports.map(renderReport).join('\n'));
    return isWhole ? exitCodes.ok : exitCodes.failed;
  },
});

const verify = async (
  url: string,
  org: string | undefined,
  expected: readonly AuditHead[],
): Promise<AuditReport[]> => {
  const db = connect({
    url,
    poolSize: 1,
    applicationName: 'longshore-cli',
    statementTimeoutMs: statementMsMax,
  });
  try {
    return await verifyAudit(db, { org, expected });
  } finally {
    await db.close();
  }
};

const toHead = ({ org, orgId, seq, hash }: AuditReport): AuditHead => ({ org, orgId, seq, hash });

const renderReport = ({ org, rows, hash, breaks }: AuditReport): string =>
  [
    `${org}  ${rows} rows  head ${hash || 'none'}  ${breaks.length === 0 ? 'OK' : 'BROKEN'}`,
    ...breaks.map(({ seq, reason, detail }) => `  row ${seq}  ${reason}  ${detail}`),
  ].join('\n');

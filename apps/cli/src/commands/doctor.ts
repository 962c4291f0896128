import { LongshoreError } from '@longshore/contract';
import { apiOptions, databaseOptions, defineCommand } from '../command.ts';
import { checkApi } from '../doctor/check-api.ts';
import { checkDatabase } from '../doctor/check-database.ts';
import type { Finding } from '../doctor/finding.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';

export const command = defineCommand({
  options: { ...apiOptions, ...databaseOptions },
  notes: `
Looks at the database when DATABASE_URL is set, at the API when LONGSHORE_URL is set, at both when both are. Changes
nothing. Ends with 1 when a check fails; warnings alone end with 0.`,
  run: async ({ values, env, output }) => {
    const databaseUrl = values['database-url'] ?? (env.DATABASE_URL || undefined);
    const url = values.url ?? (env.LONGSHORE_URL || undefined);
    if (!databaseUrl && !url) {
      throw new LongshoreError('INVALID_INPUT', 'There is nothing to look at.', {
        hint: 'Set DATABASE_URL, LONGSHORE_URL or both.',
      });
    }
    const database = databaseUrl ? await checkDatabase(databaseUrl) : { findings: [], clock: null };
    const api = url
      ? await checkApi({ url, apiKey: env.LONGSHORE_API_KEY, databaseClock: database.clock })
      : [];
    const findings = [...database.findings, ...api];
    output.answer(findings, () => findings.map((finding) => renderFinding(finding, output)).join('\n'));
    return findings.some(({ level }) => level === 'fail') ? exitCodes.failed : exitCodes.ok;
  },
});

const styles = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

const renderFinding = ({ check, level, message, advice }: Finding, { paint }: Output): string => {
  const line = `${paint(styles[level], level.toUpperCase().padEnd(4))}  ${check.padEnd(10)}  ${message}`;
  return advice === undefined ? line : `${line}\n                  ${paint('dim', `→ ${advice}`)}`;
};

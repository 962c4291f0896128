import type { RunningPostgres } from '@longshore/local-postgres';
import { groups } from './groups.ts';
import { readMachine } from './machine.ts';
import { createBench } from './measures/bench.ts';
import { describeGuard } from './quiet.ts';
import type { Report } from './report.ts';
import { readServerSettings } from './server-settings.ts';
import type { Tier } from './tier.ts';

/** Runs groups of measures one after the other on one PostgreSQL. A group that fails is named among the refused. */
export const runGroups = async (
  postgres: RunningPostgres,
  { tier, groupNames, subjectNames }: { tier: Tier; groupNames: string[]; subjectNames: string[] },
): Promise<Report> => {
  const startedAt = new Date().toISOString();
  const machine = readMachine();
  const settings = await readServerSettings(postgres.url);
  const given = { databaseUrl: postgres.url, postgresPid: postgres.pid, tier, subjectNames };
  const { bench, ledger } = createBench(given);
  const measures: Report['measures'] = [];
  for (const name of groupNames) {
    const startedAtMs = performance.now();
    try {
      measures.push(...(await groups[name]!(bench)));
    } catch (error) {
      ledger.refuse({ measure: name, subject: 'longshore' }, error);
    }
    bench.progress(`${name}: ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s`);
  }
  const opened = Object.entries(ledger.opened);
  return {
    machine,
    versions: {
      Node: process.version,
      PostgreSQL: settings.server_version!,
      ...Object.fromEntries(opened.map(([name, { version }]) => [name, version])),
    },
    settings: {
      postgres: settings,
      subjects: Object.fromEntries(opened.map(([name, chosen]) => [name, chosen.settings])),
      noise: describeGuard(),
    },
    tier: tier.name,
    startedAt,
    measures,
    skipped: ledger.skipped,
    refused: ledger.refused,
  };
};

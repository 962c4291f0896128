import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A schema that some later release might have. */
export interface NextSchema {
  folder: string;
  version: string;
  close(): void;
}

const migrations = fileURLToPath(new URL('../../migrations/', import.meta.url));

/**
 * Our schema with what a release may change: columns on the busiest tables, an index, a table, one hot verb with another
 * signature and one that is gone.
 */
export const makeNextSchema = (): NextSchema => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-next-'));
  cpSync(migrations, folder, { recursive: true });
  writeFileSync(join(folder, '9000_next.sql'), nextTables);
  const complete = join(folder, 'functions/complete_jobs.sql');
  const changed = readFileSync(complete, 'utf8').replace(
    'p_results json[])',
    'p_results json[], p_next text)',
  );
  writeFileSync(complete, changed);
  rmSync(join(folder, 'functions/heartbeat_sessions.sql'));
  return { folder, version: '99.0.0', close: () => rmSync(folder, { recursive: true, force: true }) };
};

const nextTables = `
alter table longshore.jobs add column next_note text;
alter table longshore.finished_jobs add column next_note text;
alter table longshore.worker_sessions add column next_note text;
create index next_sessions_idx on longshore.worker_sessions (org_id, host);
create table longshore.next_things (
  org_id int not null references longshore.orgs,
  id     int not null,
  constraint next_things_pk primary key (org_id, id)
);
`;

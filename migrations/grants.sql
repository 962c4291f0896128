-- Who may do what in SQL: the whole of it. Applied last on every migrate, so this file is what holds.

-- Nobody by default; superusers and the owner aside.
revoke all on schema longshore from public;
revoke all on all tables in schema longshore from public, longshore_api, longshore_reader, longshore_door, longshore_system;
revoke all on all sequences in schema longshore from public, longshore_api, longshore_door;
revoke all on all functions in schema longshore
  from public, longshore_api, longshore_submit, longshore_reader, longshore_door, longshore_system;
grant usage on schema longshore to longshore_api, longshore_submit, longshore_reader, longshore_door, longshore_system;

do $$
declare
  v_table regclass;
begin
  for v_table in
    select oid from pg_catalog.pg_class
    where relnamespace = 'longshore'::regnamespace
      and relkind in ('r', 'p')
      and (relname = 'orgs' or exists (
        select from pg_catalog.pg_attribute where attrelid = pg_class.oid and attname = 'org_id' and not attisdropped
      ))
  loop
    perform longshore.wall_off_table(v_table);
  end loop;
end
$$;

-- longshore_api: every verb and the rows of the org it entered. It cannot read the hash of a key, write the audit log or
-- its heads, or change the schema.
grant select, insert, update, delete on
  longshore.jobs, longshore.finished_jobs, longshore.job_dependencies, longshore.idempotency_keys, longshore.batches,
  longshore.session_claims, longshore.rate_buckets
to longshore_api;
grant select, insert, update on longshore.queues, longshore.workers, longshore.worker_sessions to longshore_api;
grant select, insert on longshore.orgs, longshore.routes, longshore.job_output to longshore_api;
grant select (
  org_id, id, role, name, start, last4, worker_id, rate_limits, metadata, expires_at, rotated_from, last_used_at, created_at, revoked_at
), insert, update (expires_at, last_used_at, revoked_at) on longshore.api_keys to longshore_api;
grant select on
  longshore.audit_log, longshore.schema_migrations, longshore.live_jobs, longshore.job_history, longshore.all_jobs,
  longshore.job_events
to longshore_api;
grant usage on all sequences in schema longshore to longshore_api, longshore_door;
grant select on sequence longshore.job_order to longshore_api;
grant execute on all functions in schema longshore to longshore_api;

-- What only the owner and the two roles below may call.
revoke execute on function
  longshore.wall_off_table(regclass), longshore.ensure_login(name, text, name), longshore.bind_login(name, name, int),
  longshore.audit_genesis(int), longshore.audit_hash(longshore.audit_log), longshore.verify_audit(int)
from longshore_api;

-- longshore_submit: the SQL door.
grant execute on function
  longshore.submit(text, text, jsonb, jsonb), longshore.submit_many(text, jsonb)
to longshore_submit;

-- longshore_door: what lies behind the SQL door. A submit inserts; it changes and takes away nothing but what was blocked.
grant select, insert, update, delete on
  longshore.jobs, longshore.finished_jobs, longshore.job_dependencies, longshore.idempotency_keys, longshore.batches
to longshore_door;
grant select, insert on longshore.routes to longshore_door;
grant execute on all functions in schema longshore to longshore_door;
revoke execute on function
  longshore.wall_off_table(regclass), longshore.ensure_login(name, text, name), longshore.bind_login(name, name, int),
  longshore.append_audit(int, uuid, text, text, text, text, jsonb, jsonb, text, text),
  longshore.audit_genesis(int), longshore.audit_hash(longshore.audit_log), longshore.verify_audit(int)
from longshore_door;

-- longshore_reader: the views and the tables under them, but for lease tokens and the hashes of keys.
grant select on
  longshore.orgs, longshore.workers, longshore.worker_sessions, longshore.routes, longshore.queues, longshore.batches,
  longshore.job_dependencies, longshore.job_output, longshore.audit_log, longshore.audit_heads,
  longshore.live_jobs, longshore.job_history, longshore.all_jobs, longshore.job_events
to longshore_reader;
do $$
declare
  v_table regclass;
begin
  foreach v_table in array array['longshore.jobs', 'longshore.finished_jobs', 'longshore.api_keys']::regclass[] loop
    execute (
      select format('grant select (%s) on %s to longshore_reader', string_agg(quote_ident(attname), ', '), v_table)
      from pg_catalog.pg_attribute
      where attrelid = v_table and attnum > 0 and not attisdropped and attname not in ('lease_token', 'hash')
    );
  end loop;
end
$$;
grant execute on function
  longshore.now(), longshore.readable_orgs(),
  longshore.audit_genesis(int), longshore.audit_hash(longshore.audit_log), longshore.verify_audit(int)
to longshore_reader;

-- longshore_system: looks across orgs, in the functions it owns and nowhere else.
grant select on
  longshore.orgs, longshore.org_logins, longshore.api_keys, longshore.workers, longshore.worker_sessions,
  longshore.session_claims, longshore.jobs, longshore.finished_jobs, longshore.job_output, longshore.job_dependencies,
  longshore.idempotency_keys, longshore.batches, longshore.audit_log, longshore.audit_heads
to longshore_system;
grant insert, update on longshore.audit_heads to longshore_system;
grant insert on longshore.audit_log to longshore_system;
grant update (last_used_at) on longshore.api_keys to longshore_system;
-- Pruning. FOR UPDATE takes the right to update.
grant update, delete on
  longshore.idempotency_keys, longshore.worker_sessions, longshore.session_claims, longshore.batches
to longshore_system;
grant select, delete on longshore.finished_jobs_default, longshore.job_output_default to longshore_system;
grant execute on all functions in schema longshore to longshore_system;

-- The two may own functions, which takes the right to create, but only while they are handed over.
grant create on schema longshore to longshore_door, longshore_system;
alter function longshore.submit(text, text, jsonb, jsonb) owner to longshore_door;
alter function longshore.submit_many(text, jsonb) owner to longshore_door;
alter function longshore.append_audit(int, uuid, text, text, text, text, jsonb, jsonb, text, text) owner to longshore_system;
alter function longshore.due_jobs(int) owner to longshore_system;
alter function longshore.due_sessions(int) owner to longshore_system;
alter function longshore.due_time_outs(int) owner to longshore_system;
alter function longshore.due_unblocks(int) owner to longshore_system;
alter function longshore.find_key(bytea) owner to longshore_system;
alter function longshore.finished_among(int[], uuid[], timestamptz) owner to longshore_system;
alter function longshore.org_of_login(text) owner to longshore_system;
alter function longshore.prune_rows(int, int) owner to longshore_system;
alter function longshore.readable_orgs() owner to longshore_system;
alter function longshore.seconds_to_next_due() owner to longshore_system;
alter function longshore.touch_keys(int[], uuid[]) owner to longshore_system;
revoke create on schema longshore from longshore_door, longshore_system;

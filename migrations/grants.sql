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
  longshore.session_claims
to longshore_api;
grant select, insert, update on
  longshore.queues, longshore.workers, longshore.worker_sessions, longshore.rate_buckets, longshore.worker_messages
to longshore_api;
grant select, insert on longshore.orgs, longshore.routes, longshore.job_output, longshore.resent_jobs to longshore_api;
grant select (
  org_id, id, role, name, start, last4, worker_id, rate_limits, metadata, expires_at, rotated_from, last_used_at, created_at, revoked_at
), insert, update (expires_at, revoked_at) on longshore.api_keys to longshore_api;
grant select, insert, update, delete on longshore.queue_retention to longshore_api;
-- With a job that leaves history before its day.
grant delete on longshore.job_output to longshore_api;
grant select on
  longshore.audit_log, longshore.schema_migrations, longshore.live_jobs, longshore.job_history, longshore.all_jobs,
  longshore.job_events, longshore.worker_health
to longshore_api;
grant usage on all sequences in schema longshore to longshore_api, longshore_door;
grant select on sequence longshore.job_order to longshore_api;
grant execute on all functions in schema longshore to longshore_api;

-- What only the owner and the two roles below may call.
revoke execute on function
  longshore.wall_off_table, longshore.ensure_login, longshore.bind_login,
  longshore.audit_genesis, longshore.audit_hash, longshore.verify_audit
from longshore_api;

-- longshore_submit: the SQL door.
grant execute on function longshore.submit, longshore.submit_many to longshore_submit;

-- longshore_door: what lies behind the SQL door. A submit takes away only jobs that can never run, and puts them into history.
grant select, insert, update, delete on
  longshore.jobs, longshore.job_dependencies, longshore.idempotency_keys, longshore.batches
to longshore_door;
grant select, insert on longshore.routes, longshore.finished_jobs, longshore.resent_jobs to longshore_door;
grant execute on function
  longshore.archive_jobs, longshore.check_submit, longshore.ensure_batches, longshore.ensure_route, longshore.enter_org,
  longshore.find_repeats, longshore.holds_idempotency_key, longshore.insert_jobs, longshore.instant_of_uuid_v7,
  longshore.job_state, longshore.link_dependencies, longshore.make_available, longshore.now, longshore.org_of_login,
  longshore.refuse_late_sends, longshore.settle_dependants, longshore.settle_idempotency_keys, longshore.submit_jobs, longshore.take_idempotency_key,
  longshore.unblock_jobs, longshore.uuid_v7, longshore.wrong_backoff, longshore.wrong_ids, longshore.wrong_instant,
  longshore.wrong_json, longshore.wrong_match, longshore.wrong_new_id, longshore.wrong_number, longshore.wrong_text,
  longshore.wrong_texts
to longshore_door;

-- longshore_reader: the views and the tables under them, but for lease tokens and the hashes of keys.
grant select on
  longshore.orgs, longshore.workers, longshore.worker_sessions, longshore.routes, longshore.queues,
  longshore.queue_retention, longshore.batches,
  longshore.job_dependencies, longshore.job_output, longshore.audit_log, longshore.audit_heads,
  longshore.session_claims, longshore.live_jobs, longshore.job_history, longshore.all_jobs, longshore.job_events,
  longshore.worker_health
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
  longshore.now, longshore.readable_orgs,
  longshore.audit_genesis, longshore.audit_hash, longshore.verify_audit
to longshore_reader;

-- longshore_system: looks across orgs, in the functions it owns and nowhere else.
grant select on
  longshore.orgs, longshore.org_logins, longshore.api_keys, longshore.workers, longshore.worker_sessions,
  longshore.session_claims, longshore.jobs, longshore.finished_jobs, longshore.job_output, longshore.job_dependencies,
  longshore.idempotency_keys, longshore.batches, longshore.rate_buckets, longshore.audit_log, longshore.audit_heads,
  longshore.worker_messages, longshore.queue_retention, longshore.resent_jobs
to longshore_system;
grant insert, update on longshore.audit_heads to longshore_system;
grant insert on longshore.audit_log to longshore_system;
grant update (last_used_at) on longshore.api_keys to longshore_system;
-- Pruning. FOR UPDATE takes the right to update.
grant update, delete on
  longshore.idempotency_keys, longshore.worker_sessions, longshore.session_claims, longshore.batches, longshore.rate_buckets,
  longshore.worker_messages, longshore.resent_jobs
to longshore_system;
grant select, delete on longshore.finished_jobs_default, longshore.job_output_default to longshore_system;
grant execute on function
  longshore.now, longshore.audit_genesis, longshore.audit_hash, longshore.holds_idempotency_key
to longshore_system;

-- The two may own functions, which takes the right to create, but only while they are handed over.
grant create on schema longshore to longshore_door, longshore_system;
alter function longshore.submit owner to longshore_door;
alter function longshore.submit_many owner to longshore_door;
alter function longshore.append_audit owner to longshore_system;
alter function longshore.due_jobs owner to longshore_system;
alter function longshore.due_sessions owner to longshore_system;
alter function longshore.due_trims owner to longshore_system;
alter function longshore.due_time_outs owner to longshore_system;
alter function longshore.due_unblocks owner to longshore_system;
alter function longshore.find_key owner to longshore_system;
alter function longshore.org_of_login owner to longshore_system;
alter function longshore.prune_rows owner to longshore_system;
alter function longshore.readable_orgs owner to longshore_system;
alter function longshore.seconds_to_next_due owner to longshore_system;
alter function longshore.session_changes owner to longshore_system;
alter function longshore.sessions_with_news owner to longshore_system;
alter function longshore.touch_keys owner to longshore_system;
alter function longshore.watch_jobs owner to longshore_system;
revoke create on schema longshore from longshore_door, longshore_system;
-- An owner may call what it owns: at the next migrate the revoke at the top takes that from it.
grant execute on function longshore.submit, longshore.submit_many to longshore_door;
grant execute on function
  longshore.append_audit, longshore.due_jobs, longshore.due_sessions, longshore.due_time_outs, longshore.due_trims,
  longshore.due_unblocks, longshore.find_key, longshore.org_of_login, longshore.prune_rows, longshore.readable_orgs,
  longshore.seconds_to_next_due, longshore.session_changes, longshore.sessions_with_news, longshore.touch_keys,
  longshore.watch_jobs
to longshore_system;

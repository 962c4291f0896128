import type pg from 'pg';

/** What somebody with every right did to the audit log of one org. */
export interface Tampering {
  name: string;
  /** He also mended all hashes and the head, so that the database alone shows nothing. */
  isConsistent: boolean;
  seed: number;
  sql: string;
}

/** Gives the connection what `tamperAtRandom` calls; once, before any transaction. */
export const prepareTampering = async (client: pg.Client): Promise<void> => {
  await client.query(rechain);
};

/** Changes the org's log on the connection, in a way that the seed draws. The log must have at least twenty rows. */
export const tamperAtRandom = async (client: pg.Client, orgId: number, seed: number): Promise<Tampering> => {
  const draw = createDraw(seed);
  const { rows } = await client.query<{ seq: string }>(
    'select seq from longshore.audit_log where org_id = $1 order by seq',
    [orgId],
  );
  const isConsistent = draw.below(4) === 0;
  const name = draw.oneOf(Object.keys(kinds).filter((kind) => !isConsistent || !undoneByMending.has(kind)));
  const tampering = kinds[name]!({ of: `org_id = ${orgId}`, orgId, last: rows.length, draw });
  const sql = isConsistent ? `${tampering}; select pg_temp.rechain(${orgId})` : tampering;
  await client.query(sql);
  return { name: isConsistent ? `${name}, and mended` : name, isConsistent, seed, sql };
};

interface Draw {
  below(limit: number): number;
  oneOf<Item>(items: readonly Item[]): Item;
}

interface Scene {
  /** The rows of the org, as a condition. */
  of: string;
  orgId: number;
  last: number;
  draw: Draw;
}

const kinds: Record<string, (scene: Scene) => string> = {
  'an act changed': ({ of, last, draw }) =>
    `update longshore.audit_log set ${draw.oneOf(actChanges)} where ${of} and seq = ${anyRow(draw, last)}`,

  'a link changed': ({ of, last, draw }) =>
    `update longshore.audit_log set ${draw.oneOf(linkChanges)} where ${of} and seq = ${anyRow(draw, last)}`,

  'a row deleted': ({ of, last, draw }) =>
    `delete from longshore.audit_log where ${of} and seq = ${anyRow(draw, last)}`,

  'several rows deleted': ({ of, last, draw }) =>
    `delete from longshore.audit_log where ${of} and seq between ${1 + draw.below(5)} and ${6 + draw.below(last - 6)}`,

  'a row inserted': ({ of, orgId, last, draw }) => {
    const place = anyRow(draw, last);
    return `update longshore.audit_log set seq = -seq where ${of} and seq >= ${place};
      update longshore.audit_log set seq = 1 - seq where ${of} and seq < 0;
      insert into longshore.audit_log
      select ${orgId}, ${place}, at, actor_key_id, actor_role, actor_name, action, 'forged', before, after, request_id, address,
        previous_hash, hash
      from longshore.audit_log where ${of} and seq = ${place === 1 ? 2 : place - 1}`;
  },

  'a row added at the end': ({ of, last }) =>
    `insert into longshore.audit_log
     select org_id, seq + 1, at, actor_key_id, actor_role, actor_name, action, 'forged', before, after, request_id, address, hash, hash
     from longshore.audit_log where ${of} and seq = ${last}`,

  'two rows swapped': ({ of, last, draw }) => {
    const one = anyRow(draw, last);
    const other = 1 + ((one + draw.below(last - 1)) % last);
    return `update longshore.audit_log set seq = -seq where ${of} and seq in (${one}, ${other});
      update longshore.audit_log set seq = ${one + other} + seq where ${of} and seq < 0`;
  },

  'two acts swapped': ({ of, last, draw }) => {
    const one = anyRow(draw, last);
    const other = 1 + ((one + draw.below(last - 1)) % last);
    return `update longshore.audit_log as log set at = twin.at, target = twin.target
      from longshore.audit_log as twin
      where log.${of} and twin.${of} and log.seq in (${one}, ${other}) and twin.seq = ${one + other} - log.seq`;
  },

  'the end cut off': ({ of, last, draw }) =>
    `delete from longshore.audit_log where ${of} and seq > ${draw.below(last)}`,

  'the head changed': ({ of, draw }) =>
    draw.oneOf([
      `update longshore.audit_heads set seq = seq - 1 where ${of}`,
      `update longshore.audit_heads set hash = sha256(hash) where ${of}`,
      `delete from longshore.audit_heads where ${of}`,
    ]),
};

/** What a mended chain holds no trace of: it is the old one, or the old one and a row more, as the schema's owner may write. */
const undoneByMending = new Set(['a link changed', 'the head changed', 'a row added at the end']);

/** Each column, and what a hash could overlook: null and the JSON value null, a microsecond, a moment without a number. */
const actChanges = [
  'org_id = 0, seq = seq + 1000',
  "at = at + interval '1 microsecond'",
  "at = 'infinity'",
  'actor_key_id = gen_random_uuid()',
  "actor_role = 'operator'",
  "actor_name = actor_name || ' '",
  "action = 'queues.resume'",
  "target = 'another'",
  'before = null',
  "before = 'null'",
  `after = '{"isPaused": 1}'`,
  `after = '{"isPaused": true, "more": null}'`,
  "request_id = ''",
  "request_id = 'null'",
  "address = '127.0.0.1'",
];
const linkChanges = [
  'seq = seq + 1000',
  'previous_hash = sha256(previous_hash)',
  "previous_hash = ''",
  'hash = sha256(hash)',
  "hash = ''",
];

const anyRow = (draw: Draw, last: number): number => 1 + draw.below(last);

/** Closes the gaps, computes every hash anew and sets the head: what somebody with every right would do to hide. */
const rechain = `
  create function pg_temp.rechain(p_org_id int) returns void language plpgsql as $$
  declare
    v_rows longshore.audit_log[] := array(
      select log from longshore.audit_log as log where org_id = p_org_id order by seq
    );
    v_row  longshore.audit_log;
    v_seq  bigint := 0;
    v_hash bytea := longshore.audit_genesis(p_org_id);
  begin
    delete from longshore.audit_log where org_id = p_org_id;
    foreach v_row in array v_rows loop
      v_seq := v_seq + 1;
      v_row.seq := v_seq;
      v_row.previous_hash := v_hash;
      v_row.hash := longshore.audit_hash(v_row);
      v_hash := v_row.hash;
      insert into longshore.audit_log select v_row.*;
    end loop;
    delete from longshore.audit_heads where org_id = p_org_id;
    if v_seq > 0 then
      insert into longshore.audit_heads values (p_org_id, v_seq, v_hash);
    end if;
  end $$;
`;

/** The same draws for the same seed (mulberry32). */
const createDraw = (seed: number): Draw => {
  let state = Math.imul(seed, 0x9e3779b9);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, oneOf: (items) => items[below(items.length)]! };
};

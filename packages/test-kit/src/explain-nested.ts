import type pg from 'pg';

/** One node of `explain (analyze, buffers, format json)`, with the names that PostgreSQL gives. */
export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
  [property: string]: unknown;
}

export interface NestedPlan {
  /** The statement as it stands in the SQL function. */
  query: string;
  plan: PlanNode;
}

/** Whether this connection may load auto_explain: a superuser on a server that ships it. Skip the test when not. */
export const canExplainNested = async (client: pg.ClientBase): Promise<boolean> => {
  const { rows } = await client.query<{ can_explain: boolean }>(
    'select rolsuper as can_explain from pg_roles where rolname = current_user',
  );
  if (!rows[0]?.can_explain) return false;
  return client.query("load 'auto_explain'").then(
    () => true,
    () => false,
  );
};

/**
 * Runs statements on the connection and gives the plans, with actual rows and buffers, of all that ran:
 * those inside SQL functions first, each before the statement that called it.
 * The connection must pass `canExplainNested`; PostgreSQL's own error is thrown otherwise.
 */
export const explainNested = async (
  client: pg.ClientBase,
  run: () => Promise<unknown>,
): Promise<NestedPlan[]> => {
  const plans: NestedPlan[] = [];
  const collect = (notice: { message?: string | undefined }) => {
    const plan = readPlan(notice.message ?? '');
    if (plan) plans.push(plan);
  };
  await client.query(startExplaining);
  client.on('notice', collect);
  try {
    await run();
  } finally {
    client.off('notice', collect);
    await client.query('set auto_explain.log_min_duration = -1');
  }
  return plans;
};

const startExplaining = `
  load 'auto_explain';
  set client_min_messages = notice;
  set auto_explain.log_level = notice;
  set auto_explain.log_format = json;
  set auto_explain.log_analyze = on;
  set auto_explain.log_buffers = on;
  set auto_explain.log_nested_statements = on;
  set auto_explain.log_min_duration = 0;
`;

/** auto_explain writes `duration: 0.012 ms  plan:` and then the JSON. */
const readPlan = (message: string): NestedPlan | undefined => {
  const start = message.startsWith('duration:') ? message.indexOf('{') : -1;
  if (start === -1) return undefined;
  const { 'Query Text': query, Plan: plan } = JSON.parse(message.slice(start));
  return { query, plan };
};

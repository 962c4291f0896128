import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { type App, inject, type RawRequest, send } from '../surface/open-app.ts';
import type { FuzzCase } from './fuzz-cases.ts';
import { type FuzzWorld, keyOf } from './fuzz-world.ts';
import { fillIn } from './input-arbitrary.ts';
import { type HttpAnswer, judgeAnswer, judgeSqlState, type Verdict } from './judge.ts';

export interface Stage {
  app: App;
  world: FuzzWorld;
  sql: pg.Pool;
  /** Moves on with the cases; see fillIn. */
  turn: number;
}

/** What a case did, one verdict a call. `shown` is what was sent and what came, for whoever looks into it. */
export interface Outcome {
  /** The names by which the cases are counted: procedures, `raw`, or a SQL function. */
  names: string[];
  verdicts: Verdict[];
  shown: string;
}

/** Sends one case with the world's own ids filled in, and judges the answer. */
export const sendCase = async (stage: Stage, fuzzCase: FuzzCase): Promise<Outcome> => {
  if (fuzzCase.target === 'sql' || fuzzCase.target === 'sql many') return submitBySql(stage, fuzzCase);
  const { app } = stage;
  const { names, ...request } = requestOf(stage, fuzzCase);
  const isOverSocket = fuzzCase.target === 'call' && fuzzCase.isOverSocket;
  const answer = await asTold(() => (isOverSocket ? send : inject)(app, request));
  const shown = `${JSON.stringify(request, null, 2)}\n=> ${answer.status} ${answer.text}`;
  return { names, verdicts: judgeAnswer(answer, request.method), shown };
};

/** Does what UNAVAILABLE tells a caller, to send the call again in a moment: a busy machine may hold a row or a connection for seconds. */
const asTold = async (ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
  for (let asked = 1; ; asked++) {
    const answer = await ask();
    if (asked === 5 || !answer.text.includes('"UNAVAILABLE"')) return answer;
    await setTimeout(200 * asked);
  }
};

const requestOf = (
  { world, turn }: Stage,
  fuzzCase: Extract<FuzzCase, { target: 'call' | 'batch' | 'raw' }>,
): RawRequest & { names: string[] } => {
  if (fuzzCase.target === 'raw') {
    const { method, path, body } = fuzzCase;
    const headers = Object.fromEntries(
      Object.entries(fuzzCase.headers).map(([name, value]) => [name, fillIn(value, world.things, turn)]),
    );
    const hasBody = method !== 'GET' && method !== 'HEAD';
    return { names: ['raw requests'], method, path, headers, body: hasBody ? body : undefined };
  }
  const key = keyOf(world, fuzzCase.caller);
  const headers = { ...(key !== undefined && { authorization: `Bearer ${key}` }) };
  const [names, isQuery, query, input] =
    fuzzCase.target === 'batch'
      ? [fuzzCase.names, fuzzCase.isQuery, '?batch=1', fuzzCase.inputs]
      : [[fuzzCase.procedure.name], fuzzCase.procedure.type !== 'mutation', '', fuzzCase.input];
  const text = fillIn(input, world.things, turn);
  const path = `/trpc/${names.join()}${query}`;
  if (!isQuery)
    return {
      names,
      method: 'POST',
      path,
      headers: { ...headers, 'content-type': 'application/json' },
      body: text,
    };
  const asked = `${query ? '&' : '?'}input=${encodeURIComponent(text.toWellFormed())}`;
  return { names, method: 'GET', path: path + asked, headers, body: undefined };
};

const submitBySql = async (
  { sql, world, turn }: Stage,
  fuzzCase: Extract<FuzzCase, { target: 'sql' | 'sql many' }>,
): Promise<Outcome> => {
  const fill = (text: string | null): string | null => text && fillIn(text, world.things, turn);
  const [name, text, params] =
    fuzzCase.target === 'sql'
      ? [
          'longshore.submit',
          'select longshore.submit($1, $2, $3::jsonb, $4::jsonb)',
          [fuzzCase.org, fuzzCase.kind, fuzzCase.payload, fuzzCase.options].map(fill),
        ]
      : [
          'longshore.submit_many',
          'select longshore.submit_many($1, $2::jsonb)',
          [fuzzCase.org, fuzzCase.jobs].map(fill),
        ];
  // Not by pool.query, which opens a new connection after each refusal: that would be most of the work.
  const client = await sql.connect();
  const [verdict, told] = await client
    .query(text, params)
    .then(
      ({ rows }) => [{ outcome: 'ok' } as Verdict, JSON.stringify(rows)] as const,
      (error: Error & { code?: string }) => [judgeSqlState(error.code), error.message] as const,
    )
    .finally(() => client.release());
  return { names: [name], verdicts: [verdict], shown: `${text} ${JSON.stringify(params)}\n=> ${told}` };
};

import { type ErrorCode, errorCodes } from '@longshore/contract';

/** What no answer may hold: paths, stacks, and what PostgreSQL says of our tables. None of the hostile texts do. */
const innards =
  /node_modules|\.ts:\d|\\n +at |file:\/\/|\brelation \\?"|violates \w+(-\w+)? constraint|syntax error at or near|invalid input syntax|PL\/pgSQL|pg_catalog|longshore\.\w+\(|unexpected database error|canceling statement/;

const dataFields = ['code', 'httpStatus', 'longshore', 'path', 'requestId'];
const bodyFields = ['code', 'field', 'hint', 'isRetryable', 'message', 'retryAfterSeconds'];

export interface HttpAnswer {
  status: number;
  text: string;
}

export interface Verdict {
  /** How the call ended: `ok`, a code of the closed list, or `refused items` of a batch. */
  outcome: string;
  /** What is wrong with the answer, if anything. */
  fault?: string;
}

/** Judges the answer of the API to one request, which may hold the answers of several calls. */
export const judgeAnswer = ({ status, text }: HttpAnswer, method = 'GET'): Verdict[] => {
  if (status >= 500) return [{ outcome: `${status}`, fault: `status ${status}` }];
  if (method === 'HEAD')
    return [{ outcome: `HEAD ${status}`, ...(text !== '' && { fault: 'a body in answer to HEAD' }) }];
  if (innards.test(text) && status >= 400)
    return [{ outcome: 'innards', fault: `tells of ${innards.exec(text)![0]}` }];
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [{ outcome: 'no JSON', fault: 'the body is not JSON' }];
  }
  return (Array.isArray(body) ? body : [body]).map((entry) => judgeEntry(entry, status));
};

const judgeEntry = (entry: unknown, status: number): Verdict => {
  const { result, error } = entry as { result?: { data?: unknown }; error?: unknown };
  if (error !== undefined) return judgeError(error);
  if (status >= 400 || (result === undefined && !isHealth(entry)))
    return { outcome: 'shapeless', fault: 'neither a result nor an error' };
  return judgeItems(result?.data);
};

const isHealth = (entry: unknown): boolean =>
  typeof entry === 'object' && entry !== null && 'status' in entry;

const judgeError = (error: unknown): Verdict => {
  const { data, ...envelope } = error as { data?: Record<string, unknown> };
  const told = data?.longshore as Record<string, unknown> | undefined;
  const code = String(told?.code) as ErrorCode;
  if (!Object.hasOwn(errorCodes, code))
    return { outcome: code, fault: 'a code that is not in the closed list' };
  const stray = [
    ...Object.keys(envelope).filter((key) => key !== 'code' && key !== 'message'),
    ...Object.keys(data!).filter((key) => !dataFields.includes(key)),
    ...Object.keys(told!).filter((key) => !bodyFields.includes(key)),
  ];
  if (stray.length > 0) return { outcome: code, fault: `fields beyond the fixed shape: ${stray.join()}` };
  const { httpStatus } = errorCodes[code];
  if (data!.httpStatus !== httpStatus)
    return { outcome: code, fault: `${code} with status ${data!.httpStatus}` };
  return httpStatus >= 500 ? { outcome: code, fault: `answers ${code}` } : { outcome: code };
};

/** A batch answers item by item; an item may be refused as a call may. */
const judgeItems = (data: unknown): Verdict => {
  const answers = (data as { answers?: { ok: boolean; error?: Record<string, unknown> }[] } | null)?.answers;
  if (!Array.isArray(answers)) return { outcome: 'ok' };
  for (const { ok, error } of answers) {
    if (ok) continue;
    const verdict = judgeError({
      code: 0,
      message: '',
      data: { longshore: error, httpStatus: statusOf(error) },
    });
    if (verdict.fault) return verdict;
    if (innards.test(JSON.stringify(error))) return { outcome: 'innards', fault: 'an item tells of innards' };
  }
  return { outcome: answers.every(({ ok }) => ok) ? 'ok' : 'refused items' };
};

const statusOf = (error: Record<string, unknown> | undefined): unknown =>
  errorCodes[error?.code as ErrorCode]?.httpStatus;

/** Judges what the SQL door raised: our own codes, or PostgreSQL's for data that it cannot read. */
export const judgeSqlState = (state: string | undefined): Verdict => {
  const outcome = state ?? 'no SQLSTATE';
  return /^(LS0\d\d|22[0-9A-Z]{3})$/.test(outcome)
    ? { outcome }
    : { outcome, fault: `the SQL door raised ${outcome}` };
};

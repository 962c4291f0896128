import { createAdminClient } from '@longshore/sdk';
import type { DatabaseCheckUp } from './check-database.ts';
import { type Finding, fail, ok, tryCheck, warn } from './finding.ts';

const answerMsMax = 5_000;
/** The Date header has whole seconds. */
const clockSecondsMax = 3;

export interface ApiCheckOptions {
  url: string;
  /** Checked when there is one. */
  apiKey: string | undefined;
  databaseClock: DatabaseCheckUp['clock'];
}

/** Looks at an API: is it there, ready, woken by notifications, of one time with the database, willing to take our key? */
export const checkApi = async ({ url, apiKey, databaseClock }: ApiCheckOptions): Promise<Finding[]> => {
  const advice = `Is it running, and is ${url} its address?`;
  const findings = await tryCheck('api', advice, () => checkHealth(url, databaseClock));
  if (!apiKey || findings[0]?.level === 'fail') return findings;
  const keyAdvice = 'Set LONGSHORE_API_KEY to a key of this deployment that is not revoked.';
  return [...findings, ...(await tryCheck('key', keyAdvice, () => checkKey(url, apiKey)))];
};

const checkHealth = async (url: string, databaseClock: DatabaseCheckUp['clock']): Promise<Finding[]> => {
  const address = `${url.replace(/\/+$/, '')}/health/ready`;
  const response = await fetch(address, { signal: AbortSignal.timeout(answerMsMax) });
  const health = (await response.json()) as { status?: string; listener?: string; message?: string };
  if (!response.ok) {
    return [fail('api', `${url} is not ready: ${health.message ?? response.status}`, 'Look into its log.')];
  }
  return [
    ok('api', `${url} is ready`),
    judgeListener(health.listener),
    ...judgeClock(response.headers.get('date'), databaseClock),
  ];
};

const judgeListener = (listener: string | undefined): Finding => {
  if (listener === 'attached')
    return ok('listener', 'attached: jobs submitted elsewhere wake workers at once');
  return warn(
    'listener',
    `${listener ?? 'unknown'}: jobs submitted elsewhere wait for the next sweep`,
    'LISTEN needs a direct connection: set LONGSHORE_LISTEN_DATABASE_URL to one that bypasses the pooler.',
  );
};

const judgeClock = (date: string | null, databaseClock: DatabaseCheckUp['clock']): Finding[] => {
  if (!date || !databaseClock) return [];
  const databaseNowMs = databaseClock.now.getTime() + (Date.now() - databaseClock.heardAtMs);
  const seconds = Math.abs(Date.parse(date) - databaseNowMs) / 1_000;
  return seconds <= clockSecondsMax
    ? [ok('clocks', 'the API and the database agree')]
    : [
        warn(
          'clocks',
          `the API and the database differ by ${Math.round(seconds)} s`,
          'Set both by NTP: only the database’s counts, but logs will not match.',
        ),
      ];
};

const checkKey = async (url: string, apiKey: string): Promise<Finding> => {
  const { org, role } = await createAdminClient({ url, apiKey }).whoami();
  return ok('key', `${role} of org ${org}`);
};

import { setTimeout as delay } from 'node:timers/promises';
import { uuidV7 } from '@longshore/contract';
import { call } from '../processes/call.ts';

export interface CallerOptions {
  url: string;
  apiKey: string;
  jobsPerSecond: number;
}

/** Submits at a steady rate, and sends again what may be sent again, as a client does. */
export interface Caller {
  /** Jobs that the API said it has stored. */
  readonly stored: Set<string>;
  /** How often something had to be sent again, by reason. */
  readonly retried: Map<string, number>;
  /** Answers that no client would send again after. */
  readonly refusals: string[];
  /** Begins nothing more, and waits for what is under way. */
  stop(): Promise<void>;
}

const tickMs = 100;
const retryMs = 100;
/** Sixty seconds at least: an upgrade that nobody answers for so long has failed. */
const triesMax = 600;

export const startCaller = ({ url, apiKey, jobsPerSecond }: CallerOptions): Caller => {
  const stored = new Set<string>();
  const retried = new Map<string, number>();
  const refusals: string[] = [];
  const stopped = new AbortController();

  const submit = async (): Promise<void> => {
    const id = uuidV7();
    for (let tries = 1; ; tries++) {
      const reason = await sendOnce(url, apiKey, id);
      if (reason === 'stored') return void stored.add(id);
      if (!reason.isRetryable || tries === triesMax) return void refusals.push(`jobs.submit: ${reason.code}`);
      retried.set(reason.code, (retried.get(reason.code) ?? 0) + 1);
      await delay(retryMs);
    }
  };

  const run = async (): Promise<void> => {
    const underWay = new Set<Promise<void>>();
    let begun = 0;
    const startedAt = performance.now();
    while (!stopped.signal.aborted) {
      const due = ((performance.now() - startedAt) / 1_000) * jobsPerSecond;
      for (; begun < due; begun++) {
        const call = submit();
        underWay.add(call);
        void call.finally(() => underWay.delete(call));
      }
      await delay(tickMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
    await Promise.all(underWay);
  };

  const running = run();
  return {
    stored,
    retried,
    refusals,
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
};

interface Failure {
  code: string;
  isRetryable: boolean;
}

/** The id is ours, so that a job whose answer was lost is not stored twice. */
const sendOnce = async (url: string, apiKey: string, id: string): Promise<'stored' | Failure> => {
  try {
    const { status, data } = await call(url, apiKey, 'jobs.submit', { id, kind: 'echo', payload: { id } });
    if (status === 200) return 'stored';
    const { code, isRetryable } = (data as { longshore: Failure }).longshore;
    return { code, isRetryable };
  } catch (error) {
    // Nobody answered: the process it went to is gone, and the balancer sends the next call to another.
    const { name, cause } = error as Error & { cause?: { code?: string } };
    return { code: cause?.code ?? name, isRetryable: true };
  }
};

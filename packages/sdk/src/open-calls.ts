import { LongshoreError } from '@longshore/contract';

export interface OpenCalls {
  /** Makes a call; rejects with INVALID_STATE once closed. */
  run<Answer>(call: () => Promise<Answer>): Promise<Answer>;
  /** Lets no more calls begin; resolves when those under way are over, however they end. */
  close(): Promise<void>;
}

/** Counts the calls under way from their first step, for whoever is to be closed without breaking any off. */
export const createOpenCalls = (subject: string): OpenCalls => {
  let underWay = 0;
  let isClosed = false;
  const waiters: (() => void)[] = [];

  return {
    run: async (call) => {
      if (isClosed) throw new LongshoreError('INVALID_STATE', `The ${subject} is closed.`);
      underWay++;
      try {
        return await call();
      } finally {
        underWay--;
        if (underWay === 0) for (const wake of waiters.splice(0)) wake();
      }
    },
    close: async () => {
      isClosed = true;
      if (underWay > 0) await new Promise<void>((resolve) => waiters.push(resolve));
    },
  };
};

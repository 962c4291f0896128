import { LongshoreError } from '@longshore/contract';
import type { FastifyInstance } from 'fastify';
import { toLongshoreError } from './error-answer.ts';
import type { WakeUp } from './wake-up.ts';

export interface HealthOptions {
  /** Rejects when the database does not answer, takes no writes, or lacks migrations that this code is made for. */
  checkDatabase(): Promise<unknown>;
  wakeUp: Pick<WakeUp, 'listener'>;
  /** Default 2. */
  answerSeconds?: number;
}

/** `/health/live`: the process answers. `/health/ready`: it can do its work, or 503 with the reason. */
export const registerHealth = (
  app: FastifyInstance,
  { checkDatabase, wakeUp, answerSeconds = 2 }: HealthOptions,
): void => {
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    try {
      await withinSeconds(answerSeconds, checkDatabase());
      return { status: 'ready', listener: wakeUp.listener };
    } catch (error) {
      const { code, message, hint } = toLongshoreError(error);
      return reply
        .code(503)
        .header('retry-after', '1')
        .send({ status: 'not ready', listener: wakeUp.listener, code, message, hint });
    }
  });
};

const withinSeconds = async <Value>(seconds: number, work: Promise<Value>): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const lateness = new Promise<never>((_, reject) => {
    const late = new LongshoreError('UNAVAILABLE', `the database did not answer within ${seconds} s`);
    timer = setTimeout(() => reject(late), seconds * 1_000);
  });
  try {
    return await Promise.race([work, lateness]);
  } finally {
    clearTimeout(timer);
  }
};

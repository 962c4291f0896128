import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Subject } from '../subject.ts';
import { bullmqVerbs } from './bullmq-verbs.ts';
import { peerWorker } from './peer-worker.ts';
import { startRedis } from './redis-server.ts';
import { versionOf } from './versions.ts';

/** BullMQ on a Redis of its own, over a unix socket. Throws MissingSubject where there is no redis-server. */
export const openBullmqOnRedis = async (isDurable: boolean): Promise<Subject> => {
  const redis = await startRedis({ isDurable });
  const connection = { path: redis.socket };
  const queue = new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: { count: 1_000 } } });
  const commands = new Redis(connection);
  return {
    name: isDurable ? 'bullmq redis fsync' : 'bullmq redis memory',
    version: `${versionOf('bullmq')}, Redis ${redis.version}`,
    settings: `${isDurable ? 'appendfsync always' : 'no persistence'}; unix socket, 100 jobs at a time, keeps the last 1,000`,
    serverPids: [redis.pid],
    ...bullmqVerbs(queue),
    startWorker: peerWorker('./bullmq-process.ts', import.meta.url, { REDIS_SOCKET: redis.socket }),
    clear: () => commands.flushall('SYNC').then(() => {}),
    close: async () => {
      await queue.close();
      await commands.quit();
      await redis.stop();
    },
  };
};

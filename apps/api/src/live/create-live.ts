import type { Reads } from '@longshore/db';
import type { Authenticator } from '../authentication.ts';
import type { ApiConfig } from '../config.ts';
import type { createFailureLog } from '../logger.ts';
import { createBoards } from './boards.ts';
import { createJobWatch } from './job-watch.ts';
import { createStallGuard } from './stall-guard.ts';
import { createStreams } from './streams.ts';
import { createWatchHub } from './watch-hub.ts';

export interface LiveOptions {
  config: Pick<ApiConfig, 'streamsMax' | 'streamsPerKeyMax'>;
  reads: Reads;
  authenticate: Authenticator['authenticate'];
  noteFailure: ReturnType<typeof createFailureLog>;
}

/** What those who watch work with. */
export const createLive = ({ config, reads, authenticate, noteFailure }: LiveOptions) => {
  const watchHub = createWatchHub({
    watchJobs: reads.watchJobs,
    onError: (error) => noteFailure('watch hub', error),
  });
  const streams = createStreams({
    authenticate,
    streamsMax: config.streamsMax,
    streamsPerKeyMax: config.streamsPerKeyMax,
    onError: (error) => noteFailure('streams', error),
  });
  return {
    watchHub,
    streams,
    jobWatch: createJobWatch({ ...reads, hub: watchHub }),
    boards: createBoards(reads),
    stallGuard: createStallGuard(),
    close: () => {
      streams.close();
      watchHub.close();
    },
  };
};

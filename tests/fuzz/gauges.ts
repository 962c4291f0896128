import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is measured of the process while cases run. */
export interface Gauges {
  /** Runs work of the test's own that nothing else can go on beside, which is no delay of the API. */
  leaveOut<Answer>(work: () => Answer): Answer;
  /** Collects garbage and notes what is left. */
  weighHeap(): void;
  stop(): { eventLoopDelayMsP99: number; heapMbs: number[] };
}

export const readGauges = (): Gauges => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const heapMbs: number[] = [];
  delay.enable();

  const leaveOut = <Answer>(work: () => Answer): Answer => {
    delay.disable();
    try {
      return work();
    } finally {
      delay.enable();
    }
  };

  return {
    leaveOut,
    weighHeap: () =>
      leaveOut(() => {
        collectGarbage();
        heapMbs.push(process.memoryUsage().heapUsed / 1e6);
      }),
    stop: () => {
      delay.disable();
      return { eventLoopDelayMsP99: delay.percentile(99) / 1e6, heapMbs };
    },
  };
};

// What a worker process is told by its environment, and the lines that it writes; see startSubjectWorker.

/** Reads `CONCURRENCY` and `JOBS` as startSubjectWorker's callers set them; 0 jobs means without end. */
export const readWorkerSettings = (): { concurrency: number; jobs: number } => ({
  concurrency: Number(process.env.CONCURRENCY),
  jobs: Number(process.env.JOBS),
});

/**
 * Counts completed jobs: writes `completed <n> <instant of the last>` every tenth of a second while it changes, and `done` at
 * the last of `jobs`.
 */
export const createTally = (jobs: number): { add(count: number): void } => {
  let completed = 0;
  let completedAtMs = 0;
  let told = 0;
  let isDone = false;
  const tell = (): void => {
    if (completed === told) return;
    told = completed;
    console.log(`completed ${completed} ${completedAtMs}`);
  };
  setInterval(tell, 100).unref();
  return {
    add: (count) => {
      completed += count;
      completedAtMs = nowMs();
      if (isDone || jobs === 0 || completed < jobs) return;
      isDone = true;
      tell();
      console.log('done');
    },
  };
};

/** The instant on the clock that all processes of this machine share, in milliseconds. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

export const tellStamp = (startedAtMs: number): void => console.log(`stamped ${startedAtMs}`);

/** Says that jobs can come, and ends the process in good order when it is told to. */
export const tellReady = (stop: () => Promise<unknown>): void => {
  process.once('SIGTERM', async () => {
    await stop();
    process.exit(0);
  });
  console.log('ready');
};

/**
 * Runs something whose child processes of Node write CPU profiles into a folder when they end in order.
 * The option goes by this process's environment, so whatever starts them need not know of it.
 */
export const underProfiler = async <T>(folder: string, run: () => Promise<T>): Promise<T> => {
  const before = process.env.NODE_OPTIONS;
  const options = `--cpu-prof --cpu-prof-interval ${sampleUs} --cpu-prof-dir "${folder}"`;
  process.env.NODE_OPTIONS = [before, options].filter(Boolean).join(' ');
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
};

/** Half of V8's default: a drain lasts seconds only, and the samples still cost little. */
const sampleUs = 500;

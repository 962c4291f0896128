import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What V8's sampling profiler writes. Times are microseconds of the monotonic clock, as `process.hrtime` tells it. */
export type CpuProfile = z.output<typeof cpuProfile>;

/** A function in a profile, by where its source begins (lines from 0); `url` is empty for what is not JavaScript. */
export type CallFrame = CpuProfile['nodes'][number]['callFrame'];

/**
 * Reads the profile of a process's main thread from the folder of `--cpu-prof-dir`, and where it lies.
 * Throws Error when the process left none.
 */
export const readProfileOf = async (
  folder: string,
  pid: number,
): Promise<{ file: string; profile: CpuProfile }> => {
  // CPU.<day>.<time>.<process>.<thread>.<number>.cpuprofile: thread 0 is the main one, the SDK's heartbeats have another.
  const name = (await readdir(folder)).find((each) => each.includes(`.${pid}.0.`));
  if (name === undefined) throw new Error(`process ${pid} left no CPU profile: was it killed?`);
  const file = join(folder, name);
  return { file, profile: cpuProfile.parse(JSON.parse(await readFile(file, 'utf8'))) };
};

const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  startTime: z.number(),
  endTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

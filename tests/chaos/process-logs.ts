import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const linesMax = 20;
const charsMax = 600;

/** What an API process says when something is wrong that no fault explains. Workers have nothing to say at all. */
const alarming =
  /"codes":\["INTERNAL"|"(22|23|42|XX)[0-9A-Z]{3}"|"40P01"|"53300"|TypeError|ReferenceError|RangeError|uncaught|unhandled/i;

/** Lines of the processes' logs that should not be there, each kind once with how often it came. */
export const findAlarms = (folder: string): string[] => {
  const seen = new Map<string, number>();
  for (const file of readdirSync(folder)) {
    const isWorker = file.startsWith('worker');
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      if (line === '' || !(isWorker || alarming.test(line))) continue;
      const kind = `${isWorker ? 'a worker' : 'an API process'} logged ${withoutChance(line).slice(0, charsMax)}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
  }
  return [...seen].slice(0, linesMax).map(([kind, count]) => `${kind} (${count} times)`);
};

const withoutChance = (line: string): string =>
  line.replace(/"(time|pid|reqId|leftOut)":("[^"]*"|\d+),?/g, '');

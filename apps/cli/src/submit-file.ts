import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { LongshoreError, limits, type SubmitInput } from '@longshore/contract';
import type { Client } from '@longshore/sdk';
import { anyRequest } from './any-job.ts';
import type { Output } from './output.ts';
import { renderBar } from './progress-line.ts';
import { readJson } from './read-values.ts';
import { renderCount } from './render-numbers.ts';
import { checkSubmitInput } from './submit-flags.ts';

/** What a request may hold; the API takes 8 MiB. */
const chunkBytesMax = 4 * 1_048_576;

interface Chunk {
  firstLine: number;
  lastLine: number;
  jobs: SubmitInput[];
}

export interface SubmitFileAnswer {
  jobs: number;
  /** False for those that an earlier submit had stored. */
  newJobs: number;
}

/**
 * Submits the jobs of a file, one JSON object a line, in atomic requests of at most 1,000.
 * Rejects with the LongshoreError of the first line that is refused, saying up to which line everything is stored.
 */
export const submitFile = async (client: Client, path: string, output: Output): Promise<SubmitFileAnswer> => {
  const answer: SubmitFileAnswer = { jobs: 0, newJobs: 0 };
  const input = openInput(path);
  const progress = output.startProgress();
  let storedLine = 0;
  try {
    for await (const chunk of readChunks(input.lines)) {
      const handles = await client.submitMany(chunk.jobs.map(anyRequest));
      answer.jobs += handles.length;
      answer.newJobs += handles.filter(({ isNew }) => isNew).length;
      storedLine = chunk.lastLine;
      const fraction = input.fraction();
      progress.show(fraction, `${renderBar(fraction, 30)}  ${renderCount(answer.jobs)} jobs submitted`);
    }
    return answer;
  } catch (error) {
    throw withPosition(error, storedLine);
  } finally {
    progress.end();
  }
};

const openInput = (path: string) => {
  if (path === '-') return { lines: linesOf(process.stdin), fraction: () => 0 };
  const stream = createReadStream(path);
  const bytes = statOf(path);
  return { lines: linesOf(stream), fraction: () => stream.bytesRead / Math.max(1, bytes) };
};

const linesOf = (input: NodeJS.ReadableStream): AsyncIterable<string> =>
  createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });

const statOf = (path: string): number => {
  try {
    return statSync(path).size;
  } catch {
    throw new LongshoreError('INVALID_INPUT', `${path} cannot be read.`, { field: 'file' });
  }
};

async function* readChunks(lines: AsyncIterable<string>): AsyncGenerator<Chunk> {
  let chunk: Chunk = { firstLine: 1, lastLine: 0, jobs: [] };
  let bytes = 0;
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    if (chunk.jobs.length === limits.batchJobsMax || bytes + text.length > chunkBytesMax) {
      if (chunk.jobs.length > 0) yield chunk;
      chunk = { firstLine: line, lastLine: line, jobs: [] };
      bytes = 0;
    }
    chunk.jobs.push(readLine(text, line));
    chunk.lastLine = line;
    bytes += text.length;
  }
  if (chunk.jobs.length > 0) yield chunk;
}

const readLine = (text: string, line: number): SubmitInput => {
  try {
    return checkSubmitInput(readJson('The line', text));
  } catch (error) {
    if (!(error instanceof LongshoreError)) throw error;
    throw new LongshoreError(error.code, `line ${line}: ${error.message}`, { field: error.field });
  }
};

const withPosition = (error: unknown, storedLine: number): unknown => {
  if (!(error instanceof LongshoreError)) return error;
  const stored =
    storedLine === 0 ? 'Nothing was stored.' : `Lines 1 to ${storedLine} are stored, no later one.`;
  return new LongshoreError(error.code, `${error.message} ${stored}`, {
    field: error.field,
    hint: error.hint,
    cause: error,
  });
};

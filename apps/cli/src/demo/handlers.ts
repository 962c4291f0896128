import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@longshore/sdk';
import { countFile, type FileCount, mergeCounts, ping } from './jobs.ts';
import { listBatch } from './list-batch.ts';

export default [
  ping.handler(() => ({})),

  countFile.handler(async ({ folder, path }) => {
    const content = await readFile(join(folder, path));
    const text = content.toString('utf8');
    return {
      path,
      sha256: createHash('sha256').update(content).digest('hex'),
      bytes: content.length,
      words: text.match(/\S+/g)?.length ?? 0,
      lines: text.match(/\n/g)?.length ?? 0,
    };
  }),

  // A worker's own key claims and finishes jobs and reads nobody else's; for that it is given a second one.
  mergeCounts.handler(async ({ batchId }) => {
    const { LONGSHORE_URL: url = '', LONGSHORE_READ_KEY: apiKey = '' } = process.env;
    const jobs = await listBatch(createClient({ url, apiKey }), batchId);
    const results = jobs.flatMap((job) => (job.state === 'completed' ? [job.result as FileCount] : []));
    return merge(results);
  }),
];

const merge = (results: readonly FileCount[]) => {
  const byPath = new Map(results.map((result) => [result.path, result]));
  const files = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const disagreements = results.filter(({ path, sha256 }) => byPath.get(path)?.sha256 !== sha256).length;
  const digest = createHash('sha256');
  for (const { path, sha256 } of files) digest.update(`${sha256}  ${path}\n`);
  return {
    results: results.length,
    files: files.length,
    disagreements,
    bytes: sum(files, ({ bytes }) => bytes),
    words: sum(files, ({ words }) => words),
    lines: sum(files, ({ lines }) => lines),
    sha256: digest.digest('hex'),
  };
};

const sum = (files: readonly FileCount[], read: (file: FileCount) => number): number =>
  files.reduce((total, file) => total + read(file), 0);

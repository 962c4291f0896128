import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LongshoreError } from '@longshore/contract';
import { defineCommand } from '../command.ts';
import { renderReport } from '../demo/render-report.ts';
import { runDemo } from '../demo/run-demo.ts';
import { exitCodes } from '../exit-codes.ts';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

export const command = defineCommand({
  parameters: ['[FOLDER]'],
  notes: `
Starts a temporary PostgreSQL, the API and two worker processes, gives them a job for every file under FOLDER (default:
this repository) to hash it and count its words, and kills one of the workers half-way. Ends with 1 when a job was lost.
Leaves nothing behind.`,
  run: async ({ positionals, output }) => {
    const folder = resolve(positionals[0] ?? repository);
    requireFolder(folder);
    const report = await runDemo(folder, output);
    output.answer(report, () => renderReport(report, output));
    return report.lost === 0 && report.merged.files === report.files && report.merged.disagreements === 0
      ? exitCodes.ok
      : exitCodes.failed;
  },
});

const requireFolder = (folder: string): void => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new LongshoreError('INVALID_INPUT', `${folder} is no folder.`, { field: 'FOLDER' });
};

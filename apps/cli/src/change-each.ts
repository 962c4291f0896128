import { LongshoreError } from '@longshore/contract';
import type { JobPosition } from '@longshore/sdk';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Output } from './output.ts';
import { renderTable } from './render-table.ts';

interface Change {
  id: string;
  state?: string;
  error?: ReturnType<LongshoreError['toBody']>;
}

/** Does one thing to each job and tells what became of it. Resolves with the code of the first error, if any. */
export const changeEach = async (
  ids: readonly string[],
  output: Output,
  change: (id: string) => Promise<JobPosition>,
): Promise<ExitCode> => {
  const changes: Change[] = [];
  let exitCode: ExitCode = exitCodes.ok;
  for (const id of ids) {
    try {
      changes.push(await change(id));
    } catch (error) {
      if (!(error instanceof LongshoreError)) throw error;
      changes.push({ id, error: error.toBody() });
      if (exitCode === exitCodes.ok) exitCode = exitCodeOf(error);
    }
  }
  output.answer(changes, () =>
    renderTable(
      [
        { title: 'ID', read: ({ id }) => id },
        { title: 'STATE', read: ({ state }) => state },
        { title: '', read: ({ error }) => error?.message ?? '' },
      ],
      changes,
    ),
  );
  return exitCode;
};

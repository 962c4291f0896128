import { type OutputLine, textOfOutput } from '@longshore/contract';
import { apiOptions, defineCommand } from '../command.ts';
import { openClient } from '../connections.ts';

const pageLines = 1_000;

export const command = defineCommand({
  parameters: ['ID'],
  options: apiOptions,
  run: async (context) => {
    const client = openClient(context);
    const id = context.positionals[0]!;
    // A job without output and an id without a job look alike in the output alone.
    await client.get(id);
    const lines: OutputLine[] = [];
    for (;;) {
      const page = await client.output(id, { afterId: lines.at(-1)?.id ?? 0, limit: pageLines });
      lines.push(...page);
      if (page.length < pageLines) break;
    }
    context.output.answer(lines, () => renderLines(lines));
    return undefined;
  },
});

/** Lines with when they came; written text as it is, between them. */
const renderLines = (lines: readonly OutputLine[]): string =>
  textOfOutput(
    lines.map((line) => (line.stream === 'data' ? line : { ...line, text: renderLine(line) })),
  ).replace(/\n$/, '');

const renderLine = ({ at, attempt, stream, text }: OutputLine): string =>
  `${at}  attempt ${attempt}  ${stream}  ${text}`;

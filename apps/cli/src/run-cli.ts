import { parseArgs } from 'node:util';
import { LongshoreError } from '@longshore/contract';
import type { Command, CommandEntry, Environment } from './command.ts';
import { commandList } from './command-list.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts';
import { renderCommandHelp, renderOverview } from './help.ts';
import { createOutput, type OutputStreams } from './output.ts';
import { Interrupted } from './stack/interrupts.ts';

/** Runs one command line. Never rejects; resolves with the exit code. */
export const runCli = async (
  args: readonly string[],
  env: Environment,
  streams: OutputStreams = process,
): Promise<ExitCode> => {
  const entry = findCommand(args);
  if (!entry) return showOverview(args, streams);
  const command = (await entry.load()).command;
  const isJson = args.includes('--json');
  try {
    const words = entry.name.split(' ').length;
    const { values, positionals } = parseCommandLine(args.slice(words), command);
    if (values.help) return tell(streams.stdout, renderCommandHelp(entry, command), exitCodes.ok);
    requirePositionals(command, positionals);
    const output = createOutput(isJson, streams);
    return (await command.run({ values, positionals, env, output })) ?? exitCodes.ok;
  } catch (error) {
    return tellError(error, entry, isJson, streams);
  }
};

const findCommand = ([first, second]: readonly string[]): CommandEntry | undefined =>
  commandList.find(({ name }) => name === `${first} ${second}`) ??
  commandList.find(({ name }) => name === first);

const showOverview = (args: readonly string[], { stdout, stderr }: OutputStreams): ExitCode => {
  const [noun] = args;
  if (noun === undefined || noun.startsWith('-') || noun === 'help') {
    const isKnown = noun === undefined || ['help', '-h', '--help'].includes(noun);
    return tell(
      isKnown ? stdout : stderr,
      renderOverview(commandList),
      isKnown ? exitCodes.ok : exitCodes.usage,
    );
  }
  const ofNoun = commandList.filter(({ name }) => name.startsWith(`${noun} `));
  const isAsked = args.includes('--help') || args.includes('-h');
  if (ofNoun.length > 0) {
    return tell(isAsked ? stdout : stderr, renderOverview(ofNoun), isAsked ? exitCodes.ok : exitCodes.usage);
  }
  return tell(stderr, `longshore: there is no command ${noun}\n  See longshore --help.\n`, exitCodes.usage);
};

const tell = (stream: NodeJS.WriteStream, text: string, exitCode: ExitCode): ExitCode => {
  stream.write(text);
  return exitCode;
};

const parseCommandLine = (args: readonly string[], { options }: Command) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new LongshoreError('INVALID_INPUT', error instanceof Error ? error.message : String(error));
  }
};

const requirePositionals = ({ parameters }: Command, positionals: readonly string[]): void => {
  const needed = parameters.filter((parameter) => !parameter.startsWith('['));
  const missing = needed[positionals.length];
  if (missing) throw new LongshoreError('INVALID_INPUT', `${missing} is missing.`);
  const isOpenEnded = parameters.some((parameter) => parameter.includes('...'));
  const surplus = positionals[parameters.length];
  if (!isOpenEnded && surplus !== undefined) {
    throw new LongshoreError('INVALID_INPUT', `${JSON.stringify(surplus)} is one argument too many.`);
  }
};

const tellError = (
  error: unknown,
  { name }: CommandEntry,
  isJson: boolean,
  { stdout, stderr }: OutputStreams,
): ExitCode => {
  const exitCode = exitCodeOf(error);
  if (error instanceof Interrupted) return exitCode;
  if (isJson) stdout.write(`${JSON.stringify({ error: bodyOf(error) }, null, 2)}\n`);
  else stderr.write(`longshore ${name}: ${describeError(error, name, exitCode)}\n`);
  return exitCode;
};

const bodyOf = (error: unknown) =>
  error instanceof LongshoreError
    ? error.toBody()
    : new LongshoreError('INTERNAL', error instanceof Error ? error.message : String(error)).toBody();

const describeError = (error: unknown, name: string, exitCode: ExitCode): string => {
  if (!(error instanceof LongshoreError)) return error instanceof Error ? error.message : String(error);
  const { message, field, hint } = error;
  const subject = field && !message.includes(field) ? `${field}: ` : '';
  const advice = hint ?? (exitCode === exitCodes.usage ? `See longshore ${name} --help.` : undefined);
  return [subject + message, advice].filter(Boolean).join('\n  ');
};

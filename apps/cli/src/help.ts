import type { Command, CommandEntry, OptionSpecs } from './command.ts';
import { exitCodesHelp } from './exit-codes.ts';

const footer = `Environment: LONGSHORE_URL, LONGSHORE_API_KEY (keys are never taken from the command line), DATABASE_URL,
NO_COLOR. An option wins over its variable. Beside a running \`longshore dev\` its keys are used when no key is set.

Exit codes: ${exitCodesHelp}
`;

/** All commands, or those of one noun. */
export const renderOverview = (entries: readonly CommandEntry[]): string => {
  const width = Math.max(...entries.map(({ name }) => name.length));
  const lines = entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Longshore: a PostgreSQL-native job coordinator.',
    '',
    'Usage: longshore COMMAND [options]',
    '',
    ...lines,
    '',
    'longshore COMMAND --help tells more of each.',
    '',
    footer,
  ].join('\n');
};

/** What one command does, takes and answers with. */
export const renderCommandHelp = (entry: CommandEntry, command: Command): string =>
  [
    `${capitalize(entry.summary)}.`,
    '',
    ['Usage: longshore', entry.name, ...command.parameters, '[options]'].join(' '),
    '',
    renderOptions(command.options),
    '',
    ...(command.notes === undefined ? [] : [command.notes.trim(), '']),
    footer,
  ].join('\n');

const renderOptions = (options: OptionSpecs): string => {
  const rows = Object.entries(options).map(([name, { short, value, help, multiple }]) => ({
    left: `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`,
    help: multiple ? `${help}; may be repeated` : help,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, help }) => `  ${left.padEnd(width)}  ${help}`).join('\n');
};

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

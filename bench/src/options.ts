import { parseArgs } from 'node:util';

export interface BenchOptions {
  isQuick: boolean;
  isHelp: boolean;
  /** Files to write; undefined writes none. */
  jsonFile: string | undefined;
  markdownFile: string | undefined;
  profileFolder: string | undefined;
  /** Groups of measures to run, in their own order. */
  groups: string[];
  /** Subjects to run, ours always among them. */
  subjects: string[];
}

/** What the command line may name. */
export interface Choices {
  groups: readonly string[];
  /** What the quick tier runs unless told. */
  groupsOfQuick: readonly string[];
  /** Ours first. */
  subjects: readonly string[];
}

/** A command line that was not understood; the message says what is wrong and what there is. */
export class WrongUsage extends Error {}

/** Reads the command line. Throws WrongUsage for an option, a group or a peer that there is not. */
export const parseOptions = (args: string[], choices: Choices): BenchOptions => {
  const values = parseStrictly(args);
  const [ours, ...peers] = choices.subjects;
  return {
    isQuick: values.quick,
    isHelp: values.help,
    jsonFile: values.json,
    markdownFile: values.markdown,
    profileFolder: values.profile,
    groups:
      values.quick && values.only === undefined
        ? [...choices.groupsOfQuick]
        : choose('--only', values.only, choices.groups),
    subjects: [ours!, ...(values.peers === 'none' ? [] : choose('--peers', values.peers, peers))],
  };
};

const parseStrictly = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        markdown: { type: 'string' },
        only: { type: 'string' },
        peers: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
};

/** The names in a list divided by commas, in the order of the choices; all of them without a list. */
const choose = (option: string, list: string | undefined, choices: readonly string[]): string[] => {
  if (list === undefined) return [...choices];
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !choices.includes(name));
  if (unknown !== undefined) {
    throw new WrongUsage(`${option}: there is no '${unknown}'; there is ${choices.join(', ')}`);
  }
  return choices.filter((choice) => names.includes(choice));
};

export const describeUsage = ({
  groups,
  groupsOfQuick,
  subjects,
}: Choices): string => `npm run bench -- [options]

  --quick            small sizes, in under three minutes: ${groupsOfQuick.join(', ')}
  --json FILE        write every measure as {name, unit, ours, peers, ratios, bar, isMet, runs}, with versions and settings
  --markdown FILE    write the table, which goes to the output in any case
  --only GROUP,...   only these groups of measures: ${groups.join(', ')}
  --peers NAME,...   only these peers beside us, or none: ${subjects.slice(1).join(', ')}
  --profile FOLDER   measure nothing; write CPU profiles and flame graphs of API and worker
`;

import type { ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly multiple?: true;
  readonly short?: string;
  /** What stands for the value in the help, such as `FILE`. */
  readonly value?: string;
  readonly help: string;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type ValueOf<Spec extends OptionSpec> = Spec['type'] extends 'boolean'
  ? boolean
  : Spec extends { multiple: true }
    ? string[]
    : string;
export type ValuesOf<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]?: ValueOf<Specs[Name]> | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command is run with. */
export interface CommandContext<Specs extends OptionSpecs = OptionSpecs> {
  readonly values: ValuesOf<Specs>;
  /** As many as `parameters` asks for. */
  readonly positionals: readonly string[];
  readonly env: Environment;
  readonly output: Output;
}

/** A command as it is listed; its file is loaded when it is asked for. */
export interface CommandEntry {
  /** One or two words, such as `jobs list`. */
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ command: Command }>;
}

export interface Command {
  /** As the usage line shows them: `KIND`, `[FOLDER]` when it may be left out, `ID...` for one or more. */
  readonly parameters: readonly string[];
  readonly options: OptionSpecs;
  /** What the help says beyond the options. */
  readonly notes?: string;
  run(context: ParsedContext): Promise<ExitCode | undefined>;
}

/** A context as the command line was parsed: by the command's options, but before its own types are known. */
export interface ParsedContext extends Omit<CommandContext, 'values'> {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
}

export interface CommandSpec<Specs extends OptionSpecs> {
  parameters?: readonly string[];
  options?: Specs;
  notes?: string;
  /** Resolves with the exit code, 0 when left out. What it throws is told by the error's code. */
  run(context: CommandContext<Specs>): Promise<ExitCode | undefined>;
}

/** Every command has these. */
export const commonOptions = {
  json: { type: 'boolean', help: 'machine-readable answer on standard output' },
  help: { type: 'boolean', short: 'h', help: 'this help' },
} as const satisfies OptionSpecs;

/** Commands that speak to the API have these. */
export const apiOptions = {
  url: { type: 'string', value: 'URL', help: 'the API; default LONGSHORE_URL, else http://127.0.0.1:4455' },
} as const satisfies OptionSpecs;

/** Commands that speak to the database have these. */
export const databaseOptions = {
  'database-url': { type: 'string', value: 'URL', help: 'the database; default DATABASE_URL' },
} as const satisfies OptionSpecs;

/** Makes a command whose `run` sees its own options typed. */
export const defineCommand = <const Specs extends OptionSpecs = Record<never, OptionSpec>>(
  spec: CommandSpec<Specs>,
): Command => ({
  parameters: spec.parameters ?? [],
  options: { ...spec.options, ...commonOptions },
  ...(spec.notes !== undefined && { notes: spec.notes }),
  // parseArgs reads by these very specs, so the values have their types.
  run: (context) => spec.run(context as ParsedContext & CommandContext<Specs>),
});

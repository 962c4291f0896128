/** A bug that somebody could make, put in on purpose: the tests named must find it. */
export interface Mutant {
  /** Such as `complete-without-lease-token`. */
  name: string;
  /** What goes wrong then, as a sentence. */
  breaks: string;
  /** From the root of the workspace. */
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  /** The cheapest test files that must turn red, from the root of the workspace. */
  tests: readonly string[];
}

/** Why the mutant cannot be made of this text of its file; null when it can. `undefined` stands for a file that is not there. */
export const faultOf = ({ name, file, find, replace }: Mutant, text: string | undefined): string | null => {
  if (text === undefined) return `${name}: there is no ${file}`;
  if (find === replace) return `${name}: replaces a text by itself`;
  const times = text.split(find).length - 1;
  return times === 1 ? null : `${name}: its text is ${times} times in ${file}, not once`;
};

/** The text of the file with the bug in it. Throws Error for a mutant that cannot be made. */
export const breakText = (mutant: Mutant, text: string): string => {
  const fault = faultOf(mutant, text);
  if (fault !== null) throw new Error(fault);
  return text.split(mutant.find).join(mutant.replace);
};

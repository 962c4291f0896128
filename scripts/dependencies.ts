import type { Violation } from './boundaries.ts';

export interface Manifest {
  /** Relative to the repository. */
  path: string;
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const reasonsFile = 'docs/decisions/dependencies.md';
/** What runs in production, by the package it starts from, and how many packages of others it may name. */
const budgets = [
  { name: '@longshore/api', foreignMax: 30 },
  { name: '@longshore/sdk', foreignMax: 2 },
];

/** Dependencies that are not pinned, that have no reason written down, or that are too many. */
export const findDependencyFaults = (manifests: readonly Manifest[], reasons: string): Violation[] => {
  const isExplained = readReasons(reasons);
  return [
    ...manifests.flatMap((manifest) =>
      allOf(manifest).flatMap(([name, version]) => judge(manifest, name, version, isExplained)),
    ),
    ...budgets.flatMap((budget) => judgeBudget(manifests, budget)),
  ];
};

const judge = (
  { path }: Manifest,
  name: string,
  version: string,
  isExplained: (name: string) => boolean,
): Violation[] => {
  const faults: Violation[] = [];
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
    faults.push({ path, line: 1, rule: `${name} is ${version}`, remedy: 'pin an exact version' });
  }
  if (!isOurs(name) && !isExplained(name)) {
    faults.push({ path, line: 1, rule: `${name} has no reason`, remedy: `write its line in ${reasonsFile}` });
  }
  return faults;
};

const judgeBudget = (
  manifests: readonly Manifest[],
  { name, foreignMax }: (typeof budgets)[number],
): Violation[] => {
  const foreign = [...runtimeOf(manifests, name)].filter((dependency) => !isOurs(dependency));
  const path = manifests.find((manifest) => manifest.name === name)?.path ?? name;
  if (foreign.length <= foreignMax) return [];
  return [
    {
      path,
      line: 1,
      rule: `${name} runs on ${foreign.length} packages of others, at most ${foreignMax} allowed`,
      remedy: `do without one of ${foreign.sort().join(', ')}`,
    },
  ];
};

/** What a package names at run time, and what those of ours that it names do. */
const runtimeOf = (manifests: readonly Manifest[], name: string, seen = new Set<string>()): Set<string> => {
  const manifest = manifests.find((one) => one.name === name);
  for (const dependency of Object.keys(manifest?.dependencies ?? {})) {
    if (seen.has(dependency)) continue;
    seen.add(dependency);
    if (isOurs(dependency)) runtimeOf(manifests, dependency, seen);
  }
  return seen;
};

const allOf = ({ dependencies, devDependencies, optionalDependencies }: Manifest): [string, string][] =>
  Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });

const isOurs = (name: string): boolean => name.startsWith('@longshore/');

/** The first cells of the table: names with commas between them; a star stands for any ending. */
const readReasons = (markdown: string): ((name: string) => boolean) => {
  const names = [...markdown.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell]) =>
    cell!.split(',').map((name) => name.trim()),
  );
  return (name) =>
    names.some((known) => (known.endsWith('*') ? name.startsWith(known.slice(0, -1)) : known === name));
};

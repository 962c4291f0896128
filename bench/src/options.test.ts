import { expect, test } from 'vitest';
import { describeUsage, parseOptions, WrongUsage } from './options.ts';

const choices = {
  groups: ['submit', 'drain', 'flatness'],
  groupsOfQuick: ['submit', 'drain'],
  subjects: ['longshore', 'pg-boss', 'raw sql'],
};
const parse = (...args: string[]) => parseOptions(args, choices);

test('without options everything is measured beside every peer', () => {
  expect(parse()).toMatchObject({ isQuick: false, groups: choices.groups, subjects: choices.subjects });
});

test('the quick tier leaves out the long groups, unless they are named', () => {
  expect(parse('--quick').groups).toEqual(['submit', 'drain']);
  expect(parse('--quick', '--only', 'flatness').groups).toEqual(['flatness']);
});

test('groups and peers that are named run in their own order, and we always run', () => {
  const { groups, subjects } = parse('--only', 'drain, submit', '--peers', 'raw sql');

  expect(groups).toEqual(['submit', 'drain']);
  expect(subjects).toEqual(['longshore', 'raw sql']);
  expect(parse('--peers', 'none').subjects).toEqual(['longshore']);
});

test('an unknown option, group or peer is refused by name', () => {
  expect(() => parse('--fast')).toThrow(WrongUsage);
  expect(() => parse('--fast')).toThrow("'--fast'");
  expect(() => parse('--only', 'drains')).toThrow(
    "--only: there is no 'drains'; there is submit, drain, flatness",
  );
  expect(() => parse('--peers', 'bull')).toThrow("--peers: there is no 'bull'; there is pg-boss, raw sql");
  expect(() => parse('--json')).toThrow(WrongUsage);
});

test('the usage names every option and every choice', () => {
  const usage = describeUsage(choices);

  for (const word of [
    '--quick',
    '--json',
    '--markdown',
    '--only',
    '--peers',
    '--profile',
    'flatness',
    'raw sql',
  ])
    expect(usage).toContain(word);
});

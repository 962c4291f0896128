import { expect, test } from 'vitest';
import { bars, withBars } from './bars.ts';
import { measureOf } from './measure.ts';
import { describeReport, type Report, writeFigure, writeRatio } from './report.ts';

const report: Report = {
  machine: { cores: 2, cpu: 'EPYC', memoryGib: 24, platform: 'linux x64', load: 0.1 },
  versions: { Node: 'v24.0.0', PostgreSQL: '18.4', longshore: '0.1.0', 'pg-boss': '12.0.0' },
  settings: {
    postgres: { fsync: 'on', server_version: '18.4' },
    subjects: { longshore: 'one API process', 'pg-boss': 'batches' },
    noise: 'Guarded',
  },
  tier: 'quick',
  startedAt: '2026-01-01T00:00:00.000Z',
  measures: [
    withBars(
      measureOf('submitMany of 1,000', 'jobs/s', { longshore: 123_456, 'pg-boss': 40_000 }),
      bars.submitMany,
    ),
    measureOf('drain of 20,000, 1 worker process', 'jobs/s', { longshore: 60_000 }),
    measureOf('pickup at idle, p50', 'ms', { 'pg-boss': 2.1234 }),
  ],
  skipped: [{ name: 'bullmq redis memory', why: 'no redis-server' }],
  refused: [
    { measure: 'drain of 20,000, 1 worker process', subject: 'pg-boss', why: 'noisy: others', isNoisy: true },
    { measure: 'pickup at idle', subject: 'longshore', why: 'nothing was completed', isNoisy: false },
  ],
};

test('the table has a row a measure and a column a subject, with ratios and bars', () => {
  const lines = describeReport(report).split('\n');

  expect(lines).toContain('| measure | unit | longshore | pg-boss | bar | met |');
  expect(lines).toContain(
    '| submitMany of 1,000 | jobs/s | **123,456** | 40,000 (3.09x) | ≥ 2.5x pg-boss | yes |',
  );
});

test('a figure that was refused is not printed, and the table says why', () => {
  const text = describeReport(report);

  expect(text).toContain('| drain of 20,000, 1 worker process | jobs/s | **60,000** | noisy |  |  |');
  expect(text).toContain('| pickup at idle, p50 | ms | failed | 2.12 |  |  |');
  expect(text).toContain('- refused: drain of 20,000, 1 worker process, pg-boss: noisy: others');
  expect(text).toContain('- skipped: bullmq redis memory: no redis-server');
});

test('the settings that decide what a commit costs stand above the table', () => {
  expect(describeReport(report)).toContain('PostgreSQL: fsync=on.');
});

test('a refused figure of ours is null in JSON', () => {
  expect(JSON.parse(JSON.stringify(report.measures[2])).ours).toBeNull();
});

test('figures keep three digits, ratios two places up to ten', () => {
  expect([0.0164, 2.1234, 99.96, 1_234.5].map(writeFigure)).toEqual(['0.0164', '2.12', '100', '1,235']);
  expect([0.385, 12.3].map(writeRatio)).toEqual(['0.39x', '12x']);
});

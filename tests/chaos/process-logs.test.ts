import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findAlarms } from './process-logs.ts';

test('what no fault explains is found in the logs, once a kind; lost connections are not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-logs-'));
  const line = (pid: number, codes: string): string => `{"level":50,"pid":${pid},"codes":[${codes}]}\n`;
  writeFileSync(
    join(folder, 'api-0.log'),
    line(1, '"INTERNAL"') + line(2, '"INTERNAL"') + line(3, '"UNAVAILABLE","57P01"'),
  );
  expect(findAlarms(folder)).toEqual(['an API process logged {"level":50,"codes":["INTERNAL"]} (2 times)']);
  rmSync(folder, { recursive: true });
});

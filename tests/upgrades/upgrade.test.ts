import { afterAll, expect, inject, test } from 'vitest';
import { openLastRelease } from './kept-release.ts';
import { makeNextSchema } from './next-schema.ts';
import { upgrade } from './upgrade.ts';

// `npm run test:upgrades` has the load and the bound for locks; here it is about what callers and workers notice.

const last = await openLastRelease();
const next = makeNextSchema();
afterAll(() => {
  last.close();
  next.close();
});

const before = last.isStandIn ? 'a copy of the working tree, as no release was kept yet,' : last.version;
const load = { jobsPerSecond: 30, jobsPerStep: 40 };

const targets = [
  { title: 'this release', schema: undefined },
  { title: 'a schema with other tables, one verb changed and one gone', schema: next },
];

test.for(targets)(
  `B-42: an upgrade from ${before} to $title is noticed by nobody`,
  { timeout: 300_000 },
  async ({ schema }) => {
    const report = await upgrade({ adminUrl: inject('adminUrl'), from: last.folder, schema, ...load });
    expect(report.refusals, JSON.stringify(report)).toEqual([]);
    expect(report.missing, JSON.stringify(report)).toBe(0);
    expect(report.stored).toBeGreaterThanOrEqual(4 * load.jobsPerStep);
  },
);

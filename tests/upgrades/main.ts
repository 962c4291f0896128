import { parseArgs } from 'node:util';
import { startPostgres } from '@longshore/local-postgres';
import { openLastRelease } from './kept-release.ts';
import { makeNextSchema } from './next-schema.ts';
import { type UpgradeReport, upgrade } from './upgrade.ts';

// rolling upgrades under load, to this release and from it to a schema that changes what a release may change.

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '20' },
  },
});
const jobsPerSecond = Number(values.rate);
const lockMsMax = 100;

const last = await openLastRelease();
const next = makeNextSchema();
const postgres = await startPostgres();
const reports: UpgradeReport[] = [];
try {
  for (const schema of [undefined, next]) {
    const jobsPerStep = Math.ceil((jobsPerSecond * Number(values.seconds)) / 8);
    const report = await upgrade({
      adminUrl: postgres.url,
      from: last.folder,
      schema,
      jobsPerSecond,
      jobsPerStep,
    });
    console.log(JSON.stringify({ from: last.version, to: schema?.version ?? 'this release', ...report }));
    reports.push(report);
  }
} finally {
  await postgres.stop();
  last.close();
  next.close();
}

const sum = (read: (report: UpgradeReport) => number): number =>
  reports.reduce((total, report) => total + read(report), 0);
const refused = sum(({ refusals }) => refusals.length);
const missing = sum((report) => report.missing);
const lockMs = Math.max(0, ...reports.flatMap(({ locksMs }) => Object.values(locksMs)));
if (refused + missing > 0 || lockMs > lockMsMax) process.exitCode = 1;
console.log(
  `${reports.length} upgrades at ${jobsPerSecond} jobs/s from ${last.isStandIn ? 'a stand-in' : last.version}: ` +
    `${sum(({ stored }) => stored)} jobs stored, ${missing} missing, ${refused} errors that are not retryable, ` +
    `longest relation lock ${lockMs} ms (bar ${lockMsMax})`,
);

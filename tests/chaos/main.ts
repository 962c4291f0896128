import { parseArgs } from 'node:util';
import { isClean, renderChaos } from './report.ts';
import { runChaos } from './run-chaos.ts';
import { tiers } from './tiers.ts';

/**
 * `npm run test:chaos -- --tier ci|gate|smoke --seed 7`: a whole system under faults, on a PostgreSQL of its own. `--jobs` changes the
 * number of jobs. Ends with one line of figures, and with 1 when a promise was broken.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      tier: { type: 'string', default: 'ci' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      jobs: { type: 'string' },
    },
  });
  const tier = tiers[values.tier];
  if (!tier) throw new Error(`--tier is ${values.tier}; allowed: ${Object.keys(tiers).join(', ')}`);
  const sized = values.jobs === undefined ? tier : { ...tier, jobs: Number(values.jobs) };
  const report = await runChaos(sized, Number(values.seed), (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${renderChaos(report)}\n`);
  process.exitCode = isClean(report) ? 0 : 1;
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main();

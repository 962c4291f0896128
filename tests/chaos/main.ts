import { parseArgs } from 'node:util';
import { isClean, renderChaos } from './report.ts';
import { runChaos } from './run-chaos.ts';
import { resizeTier, tiers } from './tiers.ts';

/**
 * `npm run test:chaos -- --tier ci|gate|smoke|default-lease --seed 7`: a whole system under faults, on a PostgreSQL of its own. `--jobs`
 * changes the number of jobs, and with it how long the run takes; without `--seed` it is LONGSHORE_CHAOS_SEED, or else a new one. Ends
 * with one line of figures, and with 1 when a promise was broken.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      tier: { type: 'string', default: 'ci' },
      seed: { type: 'string', default: process.env.LONGSHORE_CHAOS_SEED ?? String(Date.now() % 1_000_000) },
      jobs: { type: 'string' },
    },
  });
  const tier = tiers[values.tier];
  if (!tier) throw new Error(`--tier is ${values.tier}; allowed: ${Object.keys(tiers).join(', ')}`);
  const sized = values.jobs === undefined ? tier : resizeTier(tier, Number(values.jobs));
  const report = await runChaos(sized, Number(values.seed), (line) => process.stderr.write(`${line}\n`));
  // Submits that nobody answers would go on for ever.
  process.stdout.write(`${renderChaos(report)}\n`, () => process.exit(isClean(report) ? 0 : 1));
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main();

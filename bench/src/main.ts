import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { measureDrain } from './drain.ts';
import { noteMachine } from './machine.ts';
import type { Measure } from './measure.ts';
import { measurePickup } from './pickup.ts';
import { startStack } from './stack.ts';

const usage = `npm run bench -- [options]

  --quick        fewer jobs and rounds
  --jobs N       jobs to drain (default 50000)
  --json FILE    write every measure as {name, unit, ours, peers, ratios}
`;

/** Measures the whole path over HTTP, on a durable PostgreSQL of its own, with real API and worker processes. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      jobs: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);

  const machine = noteMachine();
  process.stdout.write(`${machine}\n\n`);
  const stack = await startStack();
  try {
    const pickups = values.quick ? 200 : 1_000;
    const jobs = Number(values.jobs ?? (values.quick ? 20_000 : 50_000));
    const measures = [
      ...(await measurePickup(stack, pickups)),
      ...(await measureDrain(stack, jobs, values.quick ? 1 : 3)),
    ];
    for (const measure of measures) process.stdout.write(`${describe(measure)}\n`);
    if (values.json) await writeFile(values.json, `${JSON.stringify({ machine, measures }, null, 2)}\n`);
  } finally {
    await stack.stop();
  }
};

const describe = ({ name, ours, unit }: Measure): string =>
  `${name.padEnd(56)} ${ours.toLocaleString('en', { maximumFractionDigits: 2 }).padStart(12)} ${unit}`;

await main();

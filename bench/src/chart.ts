import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { drawBarChart } from './chart/bar-chart.ts';
import { drawLineChart } from './chart/line-chart.ts';

const usage = `node bench/src/chart.ts FILE.json OUT.svg

Draws what the benchmark wrote with --json: rates and latencies as bars into OUT.svg, and, if a snapshot was held, the
rate of each window as lines into OUT-held-snapshot.svg.
`;

/** Panels of the bar chart, by what the measure's name begins with, in this order. */
const charted = [/^submit one by one/, /^submitMany/, /^drain of/, /^pickup at idle/];

const main = async ([file, out]: string[]): Promise<void> => {
  if (file === undefined || out === undefined) {
    process.stderr.write(usage);
    process.exitCode = 1;
    return;
  }
  const { measures } = benchmark.parse(JSON.parse(await readFile(file, 'utf8')));
  const panels = charted.flatMap((name) => measures.filter((measure) => name.test(measure.name)));
  await writeFile(
    out,
    drawBarChart(panels.map(({ name, unit, ours, peers }) => ({ name, unit, ours, peers }))),
  );
  const held = measures.find(({ name }) => name.startsWith('snapshot held'));
  if (held) {
    const { windows, windowSeconds } = heldDetail.parse(held.detail);
    await writeFile(out.replace(/(\.svg)?$/, '-held-snapshot.svg'), drawLineChart(windows, windowSeconds));
  }
};

/** A figure that was refused or not taken is null. */
const figure = z.number().nullable();

const benchmark = z.object({
  measures: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      ours: figure,
      peers: z.record(z.string(), figure),
      detail: z.unknown().optional(),
    }),
  ),
});

const rates = z.array(z.number());
const heldDetail = z.object({
  windowSeconds: z.number(),
  windows: z.record(z.string(), z.object({ before: rates, held: rates })),
});

await main(process.argv.slice(2));

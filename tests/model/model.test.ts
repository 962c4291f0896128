import { useDatabase } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { freezeClock } from './frozen-clock.ts';
import { renderModel } from './render-model.ts';
import { neverPlayed, runModel } from './run-model.ts';

const database = useDatabase();
const commands = Number(process.env.MODEL_COMMANDS ?? 10_000);
/** A number to start from that differs from run to run; a failure names it. */
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 1_000_000);

test('R-17: whatever is done in whatever order, the database does and answers as the model', {
  timeout: 900_000,
}, async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => database.connect()));
  const report = await runModel({ database, clock: await freezeClock(database), clients, commands, seed });
  console.log(renderModel(report));
  expect(report.failure).toBeUndefined();
  expect(report.commands).toBeGreaterThanOrEqual(commands);
  expect(neverPlayed(report)).toEqual([]);
});

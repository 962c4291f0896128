import { parseArgs } from 'node:util';
import {
  type Figure,
  type PressureSizes,
  pressBurst,
  pressOverload,
  pressPool,
  pressSnapshot,
} from './phases.ts';
import { withScene } from './scene.ts';

/**
 * `npm run test:pressure -- --minutes 10`: steady load under held snapshots for so long, then a burst, overload, and a pool
 * that is too small. Ends with one line of figures, and with 1 when a bar was missed.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
  const sizes: PressureSizes = {
    perSecond: 300,
    baselineSeconds: 30,
    heldSeconds: 60 * Number(values.minutes),
    afterSeconds: 30,
    burstJobs: 20_000,
    overloadSeconds: 10,
  };
  const figures: Figure[] = [];
  const note = (found: Figure[]): void => {
    figures.push(...found);
    for (const { name, value, isMet } of found) {
      console.log(`${isMet === undefined ? ' ' : isMet ? '+' : '-'} ${name}: ${value}`);
    }
  };
  await withScene({}, async (scene) => {
    note(await pressSnapshot(scene, sizes));
    note(await pressBurst(scene, sizes));
    note(await pressOverload(scene, sizes));
  });
  await withScene({ LONGSHORE_POOL_SIZE: '2' }, async (scene) => note(await pressPool(scene)));
  const barred = figures.filter(({ isMet }) => isMet !== undefined);
  const met = barred.filter(({ isMet }) => isMet).length;
  console.log(`pressure: ${met} of ${barred.length} bars met`);
  if (met < barred.length) process.exitCode = 1;
};

await main();

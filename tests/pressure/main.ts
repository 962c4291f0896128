import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import {
  type Figure,
  type PressureSizes,
  pressBurst,
  pressOverload,
  pressPool,
  pressSnapshot,
} from './phases.ts';
import { type Scene, withScene } from './scene.ts';

type Phase = (scene: Scene, sizes: PressureSizes) => Promise<Figure[]>;

const phases: Record<string, Phase> = {
  snapshot: pressSnapshot,
  burst: pressBurst,
  overload: pressOverload,
  pool: pressPool,
};
/** Settings of the API in a phase that has a scene of its own. */
const ownScenes: Record<string, Record<string, string>> = {
  // Two hundred callers are refused: their lines would bury the figures.
  pool: { LONGSHORE_POOL_SIZE: '2', LONGSHORE_LOG_LEVEL: 'silent' },
};

/**
 * `npm run test:pressure -- --minutes 10`: steady load under held snapshots for so long, then a burst, overload, and a pool
 * that is too small; `--only NAME,...` for some of them. Ends with one line of figures, and with 1 when a bar was missed.
 */
const main = async (): Promise<void> => {
  const { wanted, sizes } = readOptions();
  const figures: Figure[] = [];
  const play = async (name: string, scene: Scene): Promise<void> => {
    const found = await phases[name]!(scene, sizes);
    figures.push(...found);
    for (const { name, value, bar } of found) {
      console.log(`${bar === undefined ? ' ' : bar.isMet ? '+' : '-'} ${name}: ${value}`);
    }
  };
  const loadBefore = readLoad();
  const shared = wanted.filter((name) => !hasOwnScene(name));
  if (shared.length > 0) {
    await withScene({}, async (scene) => {
      for (const name of shared) await play(name, scene);
    });
  }
  for (const name of wanted.filter(hasOwnScene)) {
    await withScene(ownScenes[name]!, (scene) => play(name, scene));
  }
  const bars = figures.flatMap(({ bar }) => (bar ? [bar] : []));
  const met = bars.filter(({ isMet }) => isMet).length;
  const told = bars.map(({ inShort }) => inShort).join(', ');
  console.log(
    `pressure: ${met} of ${bars.length} bars met: ${told}; load average ${loadBefore} before, ${readLoad()} after`,
  );
  if (met < bars.length) process.exitCode = 1;
};

const readOptions = (): { wanted: string[]; sizes: PressureSizes } => {
  const names = Object.keys(phases);
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      only: { type: 'string', default: names.join() },
    },
  });
  const wanted = values.only.split(',');
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: the phases are ${names.join(', ')}`);
  const sizes = {
    perSecond: 300,
    baselineSeconds: 30,
    heldSeconds: 60 * Number(values.minutes),
    afterSeconds: 30,
    burstJobs: 20_000,
    overloadSeconds: 10,
  };
  return { wanted, sizes };
};

const hasOwnScene = (name: string): boolean => Object.hasOwn(ownScenes, name);

/** Of the last minute: what others do on the machine is in every figure. */
const readLoad = (): string => loadavg()[0]!.toFixed(1);

await main();

import { setTimeout as delay } from 'node:timers/promises';
import type { TcpProxy, Trouble } from '@longshore/test-kit/processes';
import { createRandom } from '../../races/random.ts';
import type { Fault } from '../schedule.ts';
import type { Site } from '../site.ts';
import { chooseFrom } from './choose.ts';
import type { Effect } from './perform.ts';

const latencyMs = 50;
const resetShare = 0.05;

/** Answers are lost after the commit, by chance, until the function that it answers is called. */
export const loseAnswers = ({ network, tier }: Site): (() => void) => {
  const lifts = mainLines({ network }).map(({ proxy }) => proxy.impose({ losesAnswers: tier.lostAnswers }));
  return () => {
    for (const lift of lifts) lift();
  };
};

/** Everything on one line is late. */
export const disturbLine = async (site: Site, { choice, forMs }: Fault): Promise<Effect> => {
  const { name, proxy } = chooseFrom(mainLines(site), choice);
  await imposeFor(forMs, [proxy.impose({ latencyMs })]);
  return { target: name };
};

/** Some connections of one line are reset. */
export const resetLinks = async (site: Site, { choice }: Fault): Promise<Effect> => {
  const { name, proxy } = chooseFrom(mainLines(site), choice);
  const links = createRandom(choice).shuffle(proxy.links());
  const hit = links.slice(0, Math.ceil(links.length * resetShare));
  for (const link of hit) link.reset();
  return { target: `${name}, ${hit.length} of ${links.length} connections` };
};

/** One API process and the database, or one API process and its callers, hear nothing of each other. */
export const partition = (site: Site, fault: Fault): Promise<Effect> => cutOff(site, fault, 'both');

/** The same, but one side goes on hearing the other. */
export const stallOneWay = (site: Site, fault: Fault): Promise<Effect> =>
  cutOff(site, fault, fault.choice & 4 ? 'up' : 'down');

/**
 * What listening connections there are fall silent without a word, of one API process or, alone, of all. Waits for their owners to
 * notice.
 */
export const halfOpenListener = async (site: Site, { choice, forMs, isSolo }: Fault): Promise<Effect> => {
  const lines = site.network.apiLines.map(({ listen }) => listen);
  const hit = isSolo ? lines : [chooseFrom(lines, choice)];
  const startedAtMs = Date.now();
  const foundMs: number[] = [];
  let fallen = 0;
  const lifts = hit.map((proxy) => {
    const present = new Set(proxy.links());
    fallen += present.size;
    for (const link of present) void link.leftAtMs.then((leftAtMs) => foundMs.push(leftAtMs - startedAtMs));
    return proxy.impose({ stalls: 'both', concerns: (link) => present.has(link) });
  });
  await imposeFor(forMs, lifts);
  // Whoever has noticed nothing by now counts with all that time.
  const recoveredMs = Array.from({ length: fallen }, (_, place) => foundMs[place] ?? forMs);
  return { target: `${fallen} listeners`, recoveredMs };
};

const cutOff = async (
  { network, apis }: Site,
  { choice, forMs }: Fault,
  stalls: NonNullable<Trouble['stalls']>,
): Promise<Effect> => {
  const place = choice % network.apiLines.length;
  const isFromDatabase = (choice & 2) === 0;
  const name = apis[place]?.name ?? '';
  if (isFromDatabase) {
    const { database, listen } = network.apiLines[place]!;
    await imposeFor(forMs, [database.impose({ stalls }), listen.impose({ stalls })]);
  } else {
    await imposeFor(forMs, [network.door.impose({ stalls, concerns: ({ target }) => target === name })]);
  }
  return { target: `${name} and ${isFromDatabase ? 'the database' : 'its callers'}, ${stalls}` };
};

const imposeFor = async (forMs: number, lifts: (() => void)[]): Promise<void> => {
  await delay(forMs);
  for (const lift of lifts) lift();
};

/** All lines but those of the listeners. */
const mainLines = ({ network }: Pick<Site, 'network'>): { name: string; proxy: TcpProxy }[] => [
  { name: 'callers and the API', proxy: network.door },
  ...network.apiLines.map(({ database }, place) => ({
    name: `api-${place} and the database`,
    proxy: database,
  })),
];

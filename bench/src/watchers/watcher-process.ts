import { createClient } from '@longshore/sdk';
import { nowMs } from '../worker-lines.ts';

/**
 * Watches the jobs whose ids it is given, and writes `ready` once each has been told its state, then every tenth of a second
 * `events <latencies>`: for each progress the milliseconds since the instant that it carries.
 */
const ids = JSON.parse(process.env.JOB_IDS!) as string[];
const client = createClient({ url: process.env.LONGSHORE_URL!, apiKey: process.env.LONGSHORE_API_KEY! });
let begun = 0;
let latenciesMs: number[] = [];

const watch = async (id: string): Promise<void> => {
  let isBegun = false;
  for await (const event of client.watch(id)) {
    if (!isBegun && ++begun === ids.length) console.log('ready');
    isBegun = true;
    if (event.type === 'progress') latenciesMs.push(nowMs() - Number(event.progress));
  }
};

setInterval(() => {
  if (latenciesMs.length > 0) console.log(`events ${latenciesMs.map((ms) => ms.toFixed(1)).join(' ')}`);
  latenciesMs = [];
}, 100);
process.once('SIGTERM', () => process.exit(0));
await Promise.all(ids.map(watch));

import { measureFlood } from './measure-flood.ts';
import { measureOvershoot } from './measure-overshoot.ts';

// S-13: several API processes agree on a limit, and an org that floods submits loses no lease by it.

const overshoot = await measureOvershoot({ processes: 3, clients: 64, perMinute: 6_000, seconds: 20 });
process.stdout.write(
  `limit ${overshoot.perMinute} submits a minute, 3 API processes, 64 clients each, ${overshoot.seconds.toFixed(1)} s\n` +
    `  sent ${overshoot.sent}, allowed ${overshoot.allowed}, by the limit at most ${overshoot.allowedMax.toFixed(0)}\n` +
    `  overshoot ${percent(overshoot.overshoot)} (bar 5 %); refusals without Retry-After: ${overshoot.refusedWithoutRetryAfter}\n`,
);

const floodPerMinute = 1_200;
const flood = await measureFlood({ perMinute: floodPerMinute, timesOver: 10, seconds: 20 });
process.stdout.write(
  `submits flooded at ${flood.submitsPerSecond.toFixed(0)} a second (limit ${floodPerMinute / 60}), ${flood.refused} of ${flood.submits} refused\n` +
    `  heartbeats and finishes meanwhile: ${flood.leaseCalls}, failed ${flood.leaseFailures}, ` +
    `success ${percent(1 - flood.leaseFailures / flood.leaseCalls)} (bar 99.9 %)\n`,
);

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

const isFine =
  overshoot.overshoot <= 0.05 &&
  overshoot.refusedWithoutRetryAfter === 0 &&
  flood.refused > 0 &&
  flood.leaseFailures <= flood.leaseCalls * 0.001;
process.exit(isFine ? 0 : 1);

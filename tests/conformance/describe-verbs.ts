import { describe } from 'vitest';
import type { OpenDoor } from './doors/door.ts';
import { type DoorUrls, useDoor } from './doors/use-door.ts';
import { describeAttempts } from './verbs/attempts.ts';
import { describeBackoff } from './verbs/backoff.ts';
import { describeCancelAndRetry } from './verbs/cancel-and-retry.ts';
import { describeDependencies } from './verbs/dependencies.ts';
import { describeFencing } from './verbs/fencing.ts';
import { describeIdempotency } from './verbs/idempotency.ts';
import { describeLine } from './verbs/line.ts';
import { describeRefusals } from './verbs/refusals.ts';
import { describeRescue } from './verbs/rescue.ts';
import { describeRouting } from './verbs/routing.ts';
import { describeSubmit } from './verbs/submit.ts';
import { describeTenants } from './verbs/tenants.ts';

/** Everything that the verbs promise, through one door. Every door keeps every promise. */
export const describeVerbs = (name: string, open: (database: DoorUrls) => Promise<OpenDoor>): void => {
  describe(`through ${name}`, () => {
    const door = useDoor(open);
    describe('submit', () => describeSubmit(door));
    describe('refusals', () => describeRefusals(door));
    describe('idempotency', () => describeIdempotency(door));
    describe('the line', () => describeLine(door));
    describe('routing', () => describeRouting(door));
    describe('attempts', () => describeAttempts(door));
    describe('backoff', () => describeBackoff(door));
    describe('fencing', () => describeFencing(door));
    describe('rescue', () => describeRescue(door));
    describe('cancel and retry', () => describeCancelAndRetry(door));
    describe('dependencies and batches', () => describeDependencies(door));
    describe('tenants', () => describeTenants(door));
  });
};

import type { Mutant } from './mutant.ts';
import { claimMutants } from './seeds/claims.ts';
import { fenceMutants } from './seeds/fences.ts';
import { keyMutants } from './seeds/keys.ts';
import { limitMutants } from './seeds/limits.ts';
import { rescueMutants } from './seeds/rescues.ts';
import { sdkMutants } from './seeds/sdk.ts';
import { stateMutants } from './seeds/states.ts';
import { submitMutants } from './seeds/submits.ts';
import { tenantMutants } from './seeds/tenants.ts';

/** Every seeded bug. */
export const mutants: readonly Mutant[] = [
  ...fenceMutants,
  ...stateMutants,
  ...rescueMutants,
  ...claimMutants,
  ...submitMutants,
  ...tenantMutants,
  ...keyMutants,
  ...limitMutants,
  ...sdkMutants,
];

import { setTimeout as delay } from 'node:timers/promises';
import { LongshoreError } from '@longshore/contract';

export interface RoleGuardOptions {
  /** What makes the database role unfit, a sentence each; rejects when the database does not answer. */
  readRoleFaults(): Promise<string[]>;
  /** Told what was found, once for each finding. */
  onFaults?(faults: string[]): void;
  /** Between two looks of `untilSafe`. Default 1,000. */
  retryMs?: number;
}

/** Keeps the API from working as a database role that row-level security does not bind. */
export interface RoleGuard {
  /** True once a look has found the role safe; it is not asked again. */
  isSafe(): boolean;
  /** Looks if need be; concurrent calls share a look. Throws SCHEMA_MISMATCH with the faults, or why it could not look. */
  check(): Promise<void>;
  /** The same for callers, who shall not learn of the role: throws UNAVAILABLE. */
  requireSafe(): Promise<void>;
  /** Resolves once the role is safe: true, or false when the signal came first. */
  untilSafe(signal: AbortSignal): Promise<boolean>;
}

export const createRoleGuard = ({
  readRoleFaults,
  onFaults,
  retryMs = 1_000,
}: RoleGuardOptions): RoleGuard => {
  let isSafe = false;
  let look: Promise<void> | undefined;
  let lastFound = '';

  const lookOnce = async (): Promise<void> => {
    const faults = await readRoleFaults();
    isSafe = faults.length === 0;
    if (isSafe) return;
    if (lastFound !== faults.join()) onFaults?.(faults);
    lastFound = faults.join();
    throw new LongshoreError(
      'SCHEMA_MISMATCH',
      `this database role is not safe to work as: ${faults.join('; ')}`,
      {
        hint: 'Connect as a login that is a member of longshore_api and nothing more; see docs/security.md.',
      },
    );
  };
  const check = async (): Promise<void> => {
    if (isSafe) return;
    look ??= lookOnce().finally(() => {
      look = undefined;
    });
    await look;
  };

  return {
    isSafe: () => isSafe,
    check,
    requireSafe: () => check().catch(refuseCall),
    untilSafe: async (signal) => {
      while (!signal.aborted) {
        const wasFound = await check().then(
          () => true,
          () => false,
        );
        if (wasFound) return !signal.aborted;
        await delay(retryMs, undefined, { signal, ref: false }).catch(() => {});
      }
      return false;
    },
  };
};

const refuseCall = (cause: unknown): never => {
  throw new LongshoreError('UNAVAILABLE', 'the server has not found its database fit to work with', {
    hint: 'Send the same call again in a moment. The operator finds the reason in the server log.',
    cause,
  });
};

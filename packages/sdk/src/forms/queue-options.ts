import {
  type JsonValue,
  type KeptJobs,
  LongshoreError,
  limits,
  type SubmitOptions,
} from '@longshore/contract';

/** Milliseconds: the same each time, or twice as long after each failure. */
export interface QueueBackoff {
  type: 'exponential' | 'fixed';
  delay: number;
}

/** What is kept of finished jobs: all (false), none (true), the newest so many, or those within `age` seconds and `count`. */
export type Retention = boolean | number | { age?: number; count?: number };

/** What holds for all jobs that a client adds. */
export interface DefaultJobOptions {
  /** Tries in all. Default 3. */
  attempts?: number | undefined;
  /** Default exponential from a second, with a random part so that jobs that failed together do not return together. */
  backoff?: QueueBackoff | undefined;
  /** Of completed jobs; the queue's own setting, so it takes an admin key. Left out: as it is set, else as the deployment says. */
  removeOnComplete?: Retention | undefined;
  /** The same of failed and cancelled ones. */
  removeOnFail?: Retention | undefined;
}

/** What holds for one job. */
export interface AddOptions extends Pick<DefaultJobOptions, 'attempts' | 'backoff'> {
  /** 0 (the default) first of all, then 1, 2, ... 32,767; those of one priority in the order they came. */
  priority?: number | undefined;
  /** Milliseconds before it may start. */
  delay?: number | undefined;
  metadata?: { [key: string]: JsonValue } | undefined;
}

/** The options of a job in Longshore's own words. Throws INVALID_INPUT for a priority that no queue has. */
export const toSubmitOptions = (options: AddOptions, defaults: DefaultJobOptions): SubmitOptions => {
  const { priority, delay, metadata, attempts = defaults.attempts, backoff = defaults.backoff } = options;
  return {
    ...(priority !== undefined && { priority: requirePriority(priority) }),
    ...(delay !== undefined && { delaySeconds: delay / 1_000 }),
    ...(metadata !== undefined && { metadata }),
    ...(attempts !== undefined && { maxAttempts: attempts }),
    // As they count: twice as long each time, and no randomness.
    ...(backoff && { backoff: { type: backoff.type, baseSeconds: backoff.delay / 1_000, jitter: 'none' } }),
  };
};

const requirePriority = (priority: number): number => {
  if (Number.isInteger(priority) && priority >= 0 && priority <= limits.priorityMax) return priority;
  throw new LongshoreError('INVALID_INPUT', `must be a whole number from 0 to ${limits.priorityMax}`, {
    field: 'priority',
  });
};

/** A retention in Longshore's own words: null for all that the deployment keeps. */
export const toKeptJobs = (retention: Retention): KeptJobs | null => {
  if (retention === false) return null;
  if (retention === true) return { count: 0 };
  if (typeof retention === 'number') return { count: retention };
  const { age, count } = retention;
  return age === undefined && count === undefined
    ? null
    : { ...(count !== undefined && { count }), ...(age !== undefined && { ageSeconds: age }) };
};

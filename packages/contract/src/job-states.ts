/** The states a job passes through. The first four are live, the last three final; see ARCHITECTURE.md for the drawing. */
export const jobStates = [
  'blocked',
  'scheduled',
  'available',
  'running',
  'completed',
  'cancelled',
  'failed',
] as const;

export type JobState = (typeof jobStates)[number];

export const finalJobStates = ['completed', 'cancelled', 'failed'] as const;
export type FinalJobState = (typeof finalJobStates)[number];

export const liveJobStates = ['blocked', 'scheduled', 'available', 'running'] as const;
export type LiveJobState = (typeof liveJobStates)[number];

/** True when a job in this state will never run again unless somebody retries it. */
export const isFinal = (state: JobState): state is FinalJobState =>
  (finalJobStates as readonly JobState[]).includes(state);

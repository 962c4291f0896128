import { LongshoreError } from '@longshore/contract';
import { Interrupted } from './stack/interrupts.ts';

/** What a script can tell from how `longshore` ended. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  unavailable: 5,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `0 ok · 1 failed · 2 wrong usage or input · 3 not found · 4 key missing, refused or not allowed · 5 unavailable · 130 interrupted`;

/** The exit code for whatever a command threw. */
export const exitCodeOf = (error: unknown): ExitCode => {
  if (error instanceof Interrupted)
    return exitCodes[error.signal === 'SIGINT' ? 'interrupted' : 'terminated'];
  if (!(error instanceof LongshoreError)) return exitCodes.failed;
  switch (error.code) {
    case 'INVALID_INPUT':
    case 'UNKNOWN_OPTION':
    case 'TOO_LARGE':
      return exitCodes.usage;
    case 'NOT_FOUND':
      return exitCodes.notFound;
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
      return exitCodes.refused;
    case 'UNAVAILABLE':
    case 'RATE_LIMITED':
    case 'TIMEOUT':
      return exitCodes.unavailable;
    default:
      return exitCodes.failed;
  }
};

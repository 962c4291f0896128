import type { LongshoreError } from '@longshore/contract';

/** Why a socket is closed: what the close frame says. docs/worker-sockets.md lists the same. */
export interface Closing {
  code: number;
  reason: string;
}

export const closings = {
  goodbye: { code: 1000, reason: 'Goodbye' },
  shuttingDown: { code: 1001, reason: 'Server shutting down' },
  notText: { code: 1003, reason: 'Text frames only' },
  tooMuchUnregistered: { code: 1009, reason: 'Too much before the registration' },
  failed: { code: 1011, reason: 'Internal error' },
  tryLater: { code: 1013, reason: 'Try again later' },
  notAuthenticated: { code: 4001, reason: 'Authentication failed' },
  registrationTimeout: { code: 4002, reason: 'Registration timeout' },
  replaced: { code: 4003, reason: 'Replaced by new connection' },
  silent: { code: 4003, reason: 'Heartbeat timeout' },
  notRegistered: { code: 4004, reason: 'Not registered' },
  registrationRefused: { code: 4005, reason: 'Registration refused' },
  sessionEnded: { code: 4006, reason: 'Session ended' },
  tooSlow: { code: 4008, reason: 'Too slow to read' },
} as const satisfies Record<string, Closing>;

/** How a connection that was refused this way ends. */
export const closingAfter = ({ code }: LongshoreError): Closing => {
  switch (code) {
    case 'UNAUTHENTICATED':
    case 'NOT_FOUND':
      return closings.notAuthenticated;
    case 'SESSION_LOST':
      return closings.sessionEnded;
    case 'RATE_LIMITED':
    case 'UNAVAILABLE':
    case 'TIMEOUT':
      return closings.tryLater;
    case 'INTERNAL':
    case 'SCHEMA_MISMATCH':
      return closings.failed;
    default:
      return closings.registrationRefused;
  }
};

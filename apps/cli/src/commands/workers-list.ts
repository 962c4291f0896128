import { type SessionInfo, sessionStates, type Worker, type WorkerPolicy } from '@longshore/contract';
import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { type Column, renderTable } from '../render-table.ts';
import { renderSessions } from '../session-table.ts';

export const command = defineCommand({
  options: {
    sessions: { type: 'boolean', help: 'the processes that are connected instead, one a line' },
    ...apiOptions,
  },
  run: async (context) => {
    const workers = await openAdminClient(context).workers.list();
    if (context.values.sessions) {
      const sessions = workers.flatMap((worker) => worker.sessions);
      context.output.answer(sessions, () => renderSessions(sessions));
    } else context.output.answer(workers, () => renderTable(columns, workers));
    return undefined;
  },
});

const columns: Column<Worker>[] = [
  { title: 'ID', read: (worker) => worker.id },
  { title: 'NAME', read: (worker) => worker.name },
  { title: 'STATUS', read: (worker) => worker.status },
  { title: 'MAY HAVE', read: ({ policy }) => renderCapabilities(policy) },
  { title: 'KINDS', read: ({ policy }) => policy.allowedKinds?.join(',') ?? 'any' },
  { title: 'RUNNING', align: 'right', read: (worker) => worker.runningJobs },
  { title: 'AT MOST', read: ({ policy }) => renderLimits(policy) },
  { title: 'SESSIONS', read: (worker) => renderStates(worker.sessions) },
  { title: 'LAST SEEN', read: (worker) => worker.lastSeenAt },
];

/** `2 available, 1 draining`. */
const renderStates = (sessions: readonly SessionInfo[]): string => {
  const counts = sessionStates.flatMap((state) => {
    const count = sessions.filter((session) => session.state === state).length;
    return count > 0 ? [`${count} ${state}`] : [];
  });
  return counts.join(', ') || 'none';
};

const renderCapabilities = ({ allowedCapabilities, deniedCapabilities }: WorkerPolicy): string =>
  [allowedCapabilities?.join(',') ?? 'anything', ...deniedCapabilities.map((name) => `not ${name}`)].join(
    ' ',
  );

const renderLimits = ({
  maxConcurrentJobs,
  categoryLimits,
  claimsPerMinute,
}: WorkerPolicy): string | null => {
  const limits = [
    ...(maxConcurrentJobs === null ? [] : [String(maxConcurrentJobs)]),
    ...Object.entries(categoryLimits).map(([category, limit]) => `${category}=${limit}`),
    ...(claimsPerMinute === null ? [] : [`${claimsPerMinute}/min`]),
  ];
  return limits.length > 0 ? limits.join(' ') : null;
};

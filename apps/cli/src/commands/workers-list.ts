import type { WorkerPolicy } from '@longshore/contract';
import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { renderTable } from '../render-table.ts';

export const command = defineCommand({
  options: apiOptions,
  run: async (context) => {
    const workers = await openAdminClient(context).workers.list();
    context.output.answer(workers, () =>
      renderTable(
        [
          { title: 'ID', read: (worker) => worker.id },
          { title: 'NAME', read: (worker) => worker.name },
          { title: 'STATUS', read: (worker) => worker.status },
          { title: 'MAY HAVE', read: ({ policy }) => renderCapabilities(policy) },
          { title: 'KINDS', read: ({ policy }) => policy.allowedKinds?.join(',') ?? 'any' },
          { title: 'RUNNING', align: 'right', read: (worker) => worker.runningJobs },
          { title: 'AT MOST', read: ({ policy }) => renderLimits(policy) },
          { title: 'SESSIONS', align: 'right', read: (worker) => worker.sessions.length },
          { title: 'LAST SEEN', read: (worker) => worker.lastSeenAt },
        ],
        workers,
      ),
    );
    return undefined;
  },
});

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

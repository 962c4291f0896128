import type { Worker } from '@longshore/contract';
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
          { title: 'MAY HAVE', read: (worker) => worker.allowedCapabilities?.join(',') ?? 'anything' },
          { title: 'SESSIONS', align: 'right', read: (worker) => worker.sessions.length },
          { title: 'LAST HEARTBEAT', read: lastHeartbeat },
          { title: 'REVOKED', read: (worker) => worker.revokedAt },
        ],
        workers,
      ),
    );
    return undefined;
  },
});

const lastHeartbeat = ({ sessions }: Worker): string | undefined =>
  sessions
    .map(({ heartbeatAt }) => heartbeatAt)
    .sort()
    .at(-1);

import type { AuditEntry, JsonValue } from '@longshore/contract';
import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { readWholeNumber } from '../read-values.ts';
import { type Column, renderTable } from '../render-table.ts';

const listLimit = 20;

export const command = defineCommand({
  options: {
    action: { type: 'string', value: 'NAME', help: 'of this action, such as keys.revoke' },
    target: { type: 'string', value: 'ID', help: 'done to this one' },
    limit: { type: 'string', value: 'N', help: `at most so many; default ${listLimit}` },
    cursor: { type: 'string', value: 'CURSOR', help: 'the nextCursor of the page before' },
    ...apiOptions,
  },
  notes: "With an admin's key the log of its org; with an operator's, that of the system itself.",
  run: async (context) => {
    const { action, target, limit, cursor } = context.values;
    const page = await openAdminClient(context).audit.list({
      ...(action && { action }),
      ...(target && { target }),
      ...(cursor && { cursor: readWholeNumber('cursor', cursor) }),
      limit: limit ? readWholeNumber('limit', limit) : listLimit,
    });
    context.output.answer(page, () => renderTable(columns, page.entries));
    if (page.nextCursor) context.output.note(`more: --cursor ${page.nextCursor}`);
    return undefined;
  },
});

const columns: Column<AuditEntry>[] = [
  { title: 'SEQ', align: 'right', read: ({ seq }) => seq },
  { title: 'AT', read: ({ at }) => at },
  { title: 'BY', read: ({ actor }) => `${actor.role} ${actor.name}` },
  { title: 'ACTION', read: ({ action }) => action },
  { title: 'TARGET', read: ({ target }) => target },
  { title: 'FROM', read: ({ address }) => address },
  { title: 'BEFORE', read: ({ before }) => toText(before) },
  { title: 'AFTER', read: ({ after }) => toText(after) },
];

const toText = (value: JsonValue | null): string | null => (value === null ? null : JSON.stringify(value));

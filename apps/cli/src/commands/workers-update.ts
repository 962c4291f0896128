import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { liftFlags, policyFlags, readPolicy } from '../policy-flags.ts';

export const command = defineCommand({
  parameters: ['ID'],
  options: { ...policyFlags, ...liftFlags, ...apiOptions },
  notes:
    'What no flag names stays as it is. The change holds for claims from now on; jobs that run already go on.',
  run: async (context) => {
    const id = context.positionals[0]!;
    await openAdminClient(context).workers.update({ id, ...readPolicy(context.values) });
    context.output.answer({ id }, () => `updated ${id}`);
    return undefined;
  },
});

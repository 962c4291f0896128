import { defineCommand } from '../command.ts';
import { runDev } from '../dev/run-dev.ts';
import { devFolder } from '../dev-keys.ts';
import { readWholeNumber } from '../read-values.ts';

export const command = defineCommand({
  options: {
    data: { type: 'string', value: 'DIR', help: `where the data and the keys stay; default ${devFolder}` },
    port: { type: 'string', value: 'N', help: 'of the API; default 4455, 0 for any' },
    workers: { type: 'string', value: 'N', help: 'worker processes with the example handlers; default 1' },
  },
  notes: `
Keeps running, with the logs of all parts, until Ctrl-C. The keys of the org "dev" stand in DIR/keys.json, readable by
you alone; commands run in the same folder use them when LONGSHORE_API_KEY is not set.`,
  run: async ({ values, env, output }) => {
    await runDev(
      {
        dataDir: values.data ?? devFolder,
        port: readWholeNumber('port', values.port ?? '4455'),
        workers: readWholeNumber('workers', values.workers ?? '1'),
        env,
      },
      output,
    );
    return undefined;
  },
});

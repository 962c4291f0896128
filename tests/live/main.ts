import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** `npm run test:live -- --watchers 200 --workers 50 --kills 3`: kills the API under so many, and says how soon they are back. */
const { values } = parseArgs({
  options: {
    watchers: { type: 'string', default: '200' },
    workers: { type: 'string', default: '50' },
    kills: { type: 'string', default: '3' },
  },
});
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const run = spawn(process.execPath, [vitest, 'run', '--project', 'live', 'killed-api'], {
  cwd: fileURLToPath(new URL('../../', import.meta.url)),
  stdio: 'inherit',
  env: {
    ...process.env,
    LIVE_WATCHERS: values.watchers,
    LIVE_WORKERS: values.workers,
    LIVE_KILLS: values.kills,
  },
});
const [code] = (await once(run, 'exit')) as [number | null];
process.exitCode = code ?? 1;

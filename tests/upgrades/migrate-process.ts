import { writeSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * A migrator in a process of its own: of the release in the folder RELEASE (default: this one), for the database MIGRATE_URL.
 * SCHEMA_FOLDER and SCHEMA_VERSION give it another schema. At step STOP_AT it says so and waits to be killed; else it says
 * `migrated` when it is done.
 */
const release = process.env.RELEASE ?? fileURLToPath(new URL('../..', import.meta.url));
const { migrate } = (await import(
  pathToFileURL(`${release}/packages/db/src/index.ts`).href
)) as typeof import('@longshore/db');

const { SCHEMA_FOLDER: folder, SCHEMA_VERSION: version } = process.env;
const stopAt = Number(process.env.STOP_AT ?? 0);
let steps = 0;
await migrate(process.env.MIGRATE_URL!, {
  onStep: () => {
    steps += 1;
    if (steps === stopAt) waitToBeKilled();
  },
  ...(folder && version && { release: { folder: pathToFileURL(`${folder}/`), version } }),
});
writeSync(1, 'migrated\n');

function waitToBeKilled(): void {
  writeSync(1, `stopped at step ${stopAt}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

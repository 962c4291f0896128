import { connect } from '@longshore/db';
import { nowMs, tellReady } from '../worker-lines.ts';

/**
 * A process of so many connections that listen as API processes do, configured by the environment. Writes `noticed <n> <instant>`
 * every tenth of a second: the notifications that one of them has received so far.
 */
const listeners = Number(process.env.LISTENERS);
const database = connect({ url: process.env.DATABASE_URL!, poolSize: listeners });
let noticed = 0;

for (let listener = 0; listener < listeners; listener++) {
  const connection = await database.pool.connect();
  connection.on('notification', () => {
    if (listener === 0) noticed += 1;
  });
  await connection.query('listen longshore');
}
setInterval(() => console.log(`noticed ${noticed} ${nowMs()}`), 100);
tellReady(async () => {});

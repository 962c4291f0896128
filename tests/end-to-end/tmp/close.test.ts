import { createClient, createWorker, createApiClient, defineJob } from '@longshore/sdk';
import { createTestDatabase } from '@longshore/test-kit';
import { startApi, readConfig } from '@longshore/api';
import { connect, createAdmin } from '@longshore/db';
import { createServer } from 'node:http';
import http from 'node:http';
import { expect, test } from 'vitest';
import { z } from 'zod';
const job = defineJob({ kind: 'a', payload: z.number() });
const orig = http.Server.prototype.closeIdleConnections;
const seen = new Set<any>();
http.Server.prototype.emit = new Proxy(http.Server.prototype.emit, { apply(f, self, args: any[]) { if (args[0] === 'connection') { const s = args[1]; seen.add(s); s.once('close', () => seen.delete(s)); } if (args[0] === 'request') { const s = args[1].socket; s.last = args[1].url; args[2].on('finish', () => { s.done = args[1].url; }); args[2].on('close', () => { s.closed = args[1].url; }); } return Reflect.apply(f, self, args); } });
test.for(['client', 'session', 'worker'])('%s', { timeout: 60000 }, async (what) => {
  const database = await createTestDatabase();
  const db = connect({ url: database.url, poolSize: 1 });
  const admin = createAdmin(db);
  await admin.createOrg('o'); const orgId = await admin.orgIdOf('o');
  const submit = (await admin.createKey(orgId, { role: 'submit', name: 's' })).apiKey;
  const workerKey = (await admin.registerWorker(orgId, { name: 'w' })).apiKey;
  const api = await startApi(readConfig({ LONGSHORE_LOG_LEVEL: 'silent', DATABASE_URL: database.url, LONGSHORE_PORT: '0' }));
  const c = createClient({ url: api.url, apiKey: submit });
  const h = await c.submit(job, 1);
  if (what === 'session') { const { worker } = createApiClient({ url: api.url, apiKey: workerKey }); await worker.openSession({ kinds: ['a'] }); }
  if (what === 'worker') {
  const worker = createWorker({ url: api.url, apiKey: workerKey, handlers: [job.handler((n) => n)] });
  await worker.start();
  await h.wait();
  await worker.stop();
  }
  const t1 = performance.now();
  const closing = api.close();
  await new Promise((r) => setTimeout(r, 1000));
  for (const s of seen) console.log('open socket', s.remotePort, s.last, s.done, s.closed, s.bytesRead, s.destroyed, s.readyState);
  await closing;
  console.log(what, 'close', performance.now() - t1);
  await db.close(); await database.drop();
});

import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { routeUpgrades, type Upgrades } from './upgrades.ts';

let app: FastifyInstance;
let client: Socket | undefined;
afterEach(async () => {
  client?.destroy();
  await app.close();
});

/** A server with an upgrade at `/raw`, and a client who asked for it and never ends his side. */
const askForUpgrade = async (wire: (upgrades: Upgrades) => void) => {
  app = fastify({ forceCloseConnections: 'idle' });
  const upgrades = routeUpgrades(app);
  wire(upgrades);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect({ port: (app.server.address() as AddressInfo).port, allowHalfOpen: true });
  client = socket;
  socket.on('error', () => {});
  socket.write('GET /raw HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  return { upgrades, socket };
};

test('whoever is refused an upgrade and keeps his side open is gone from the server, and holds up no close', async () => {
  const { socket } = await askForUpgrade((upgrades) => {
    app.addHook('onRequest', async () => {
      throw Object.assign(new Error('no key'), { statusCode: 401 });
    });
    upgrades.add(app, '/raw', () => {});
  });
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 401 /);
  await app.close();
});

test('an upgrade that its hooks let pass after the close began is refused', async () => {
  let closing: Promise<undefined> | undefined;
  let accepted = 0;
  const begun = Promise.withResolvers<void>();
  const { socket } = await askForUpgrade((upgrades) => {
    app.addHook('preClose', async () => begun.resolve());
    app.addHook('onRequest', async () => {
      closing = app.close();
      await begun.promise;
    });
    upgrades.add(app, '/raw', () => (accepted += 1));
  });
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 5/);
  expect(accepted).toBe(0);
  await closing;
});

test('a close is not held up beyond its deadline by whoever got his upgrade and stays', async () => {
  const { upgrades, socket } = await askForUpgrade((made) =>
    made.add(app, '/raw', (upgrade) => void upgrade.socket.write('hello')),
  );
  await once(socket, 'data');
  const closed = app.close();
  upgrades.cutAll();
  await closed;
});

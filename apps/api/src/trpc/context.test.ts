import { once } from 'node:events';
import { connect } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { credentialsOf } from './context.ts';

// Found by the chaos suite: the address was undefined then, and the search for its network failed the request with INTERNAL.
test('a caller who has hung up comes from no known address', async () => {
  const app = Fastify();
  const address = Promise.withResolvers<string>();
  app.addHook('onRequest', async (request) => {
    const { socket } = request.raw;
    socket.destroy();
    await once(socket, 'close');
    address.resolve(credentialsOf(request).address);
  });
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const caller = connect(Number(url.port), '127.0.0.1').on('error', () => {});
  caller.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');

  expect(await address.promise).toBe('');
  caller.destroy();
  await app.close();
});

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer that the server has given and the caller has not got yet. */
export interface AnswerOnItsWay {
  /** Such as `worker.claim`. */
  procedure: string;
  body: string;
}

export interface LossyProxy {
  url: string;
  close(): Promise<void>;
}

/**
 * Stands between a caller and the API. `judge` decides, once the server has done its part, whether the caller ever hears
 * of it; the answer waits while it decides.
 */
export const startLossyProxy = async (
  target: string,
  judge: (answer: AnswerOnItsWay) => 'deliver' | 'drop' | Promise<'deliver' | 'drop'>,
): Promise<LossyProxy> => {
  const server: Server = createServer((incoming, outgoing) => {
    void forward(target, incoming, outgoing, judge).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const forward = async (
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  judge: Parameters<typeof startLossyProxy>[1],
): Promise<void> => {
  const asked = await readAll(incoming);
  const { status, headers, body } = await send(target, incoming, asked);
  const procedure = /\/trpc\/([\w.]+)/.exec(incoming.url ?? '')?.[1] ?? '';
  if ((await judge({ procedure, body })) === 'drop') return void outgoing.destroy();
  outgoing.writeHead(status, headers);
  outgoing.end(body);
};

const send = (target: string, { url, method, headers }: IncomingMessage, body: string) =>
  new Promise<{ status: number; headers: IncomingMessage['headers']; body: string }>((resolve, reject) => {
    const call = request(`${target}${url}`, { method, headers }, (answer) => {
      readAll(answer).then(
        (text) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: text }),
        reject,
      );
    });
    call.on('error', reject);
    call.end(body);
  });

const readAll = async (stream: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

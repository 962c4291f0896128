import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

/** Stands between one client and PostgreSQL, counts what the client says, and ends the connection at the word it was told. */
export interface CuttingProxy {
  url: string;
  /** The SQL of each statement that went through, in order. */
  readonly statements: string[];
  /** Sends this many statements on, and none of the answers to the last one; Infinity lets everything through. */
  cutAfter: number;
  close(): Promise<void>;
}

export const startCuttingProxy = async (databaseUrl: string): Promise<CuttingProxy> => {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const proxy = { url: '', statements: [] as string[], cutAfter: Number.POSITIVE_INFINITY };
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((incoming) => {
    proxy.statements.length = 0;
    const outgoing = keep(dial(Number(target.port), target.hostname));
    const readMessages = createReader();
    keep(incoming).on('data', (bytes: Buffer) => {
      for (const statement of readMessages(bytes)) proxy.statements.push(statement);
      outgoing.write(bytes);
      if (proxy.statements.length < proxy.cutAfter) return;
      incoming.destroy();
      // What has been written still arrives; the server finds nobody to answer to.
      outgoing.destroySoon();
    });
    outgoing.on('data', (bytes) => incoming.write(bytes));
    incoming.on('close', () => outgoing.destroySoon());
    outgoing.on('close', () => incoming.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return Object.assign(proxy, {
    url: url.href,
    close: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  });
};

/** Takes the bytes of a client as they come, and answers the statements that are whole by now. */
const createReader = (): ((bytes: Buffer) => string[]) => {
  let rest = Buffer.alloc(0);
  let hasStarted = false;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const statements: string[] = [];
    for (;;) {
      // The first message has no type, every other one begins with it; the length counts itself.
      const typeBytes = hasStarted ? 1 : 0;
      if (rest.length < typeBytes + 4) return statements;
      const end = typeBytes + rest.readUInt32BE(typeBytes);
      if (rest.length < end) return statements;
      const type = hasStarted ? String.fromCharCode(rest[0]!) : 'startup';
      hasStarted = true;
      const body = rest.subarray(typeBytes + 4, end);
      if (type === 'Q') statements.push(body.toString('utf8', 0, body.length - 1));
      // Parse: the statement's name, empty here, stands before its text.
      if (type === 'P') statements.push(body.toString('utf8', 1).split('\0')[0]!);
      rest = rest.subarray(end);
    }
  };
};

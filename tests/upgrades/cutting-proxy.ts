import { type Link, startTcpProxy, targetAt } from '@longshore/test-kit';

/** Stands between one client and PostgreSQL, counts what the client says, and ends the connection at the word it was told. */
export interface CuttingProxy {
  url: string;
  /** The SQL of each statement that went through on the last connection, in order. */
  readonly statements: string[];
  /** Of this many statements the last is done and never answered; Infinity lets everything through. */
  cutAfter: number;
  close(): Promise<void>;
}

export const startCuttingProxy = async (databaseUrl: string): Promise<CuttingProxy> => {
  const readers = new WeakMap<Link, (bytes: Buffer) => string[]>();
  const statements: string[] = [];
  const proxy = await startTcpProxy({
    pickTarget: () => {
      statements.length = 0;
      return targetAt(databaseUrl);
    },
    intercept: (piece, link) => {
      const readStatements = readers.get(link) ?? createReader();
      readers.set(link, readStatements);
      statements.push(...readStatements(piece));
      return undefined;
    },
    isAnswer: () => statements.length >= cutting.cutAfter,
  });
  proxy.impose({ losesAnswers: 1 });
  const cutting = {
    url: proxy.through(databaseUrl),
    statements,
    cutAfter: Number.POSITIVE_INFINITY,
    close: proxy.close,
  };
  return cutting;
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

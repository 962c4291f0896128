import type { Socket } from 'node:net';
import { errorCodes, LongshoreError } from '@longshore/contract';
import { errorDataOf, trpcCodeNumberOf } from '../error-answer.ts';
import { securityHeaders } from './answer-headers.ts';

/** Answers bytes that Node could not read as a request: no request exists yet, so the answer is written by hand. */
export const answerClientError = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (socket.destroyed || error.code === 'ECONNRESET') return;
  if (socket.writable) socket.write(writeAnswer(refusalOf(error.code)));
  socket.destroy();
};

const refusalOf = (code: string | undefined): LongshoreError => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new LongshoreError('TOO_LARGE', 'the address and headers of the request are too large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new LongshoreError('TIMEOUT', 'the request did not arrive in time');
    default:
      return new LongshoreError('INVALID_INPUT', 'the request could not be read: it is not valid HTTP');
  }
};

const writeAnswer = (error: LongshoreError): string => {
  const data = errorDataOf(error, null);
  const body = JSON.stringify({ error: { code: trpcCodeNumberOf(error), message: error.message, data } });
  const headers = {
    ...securityHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${errorCodes[error.code].httpStatus} ${data.code}\r\n${lines.join('')}\r\n${body}`;
};

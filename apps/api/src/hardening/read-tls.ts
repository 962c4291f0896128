import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { LongshoreError } from '@longshore/contract';

/** Certificate and key to serve HTTPS with, as PEM. Throws INVALID_INPUT when a file is missing or the two do not fit. */
export const readTls = async (files: {
  certFile: string;
  keyFile: string;
}): Promise<{ cert: Buffer; key: Buffer }> => {
  const cert = await readPem('LONGSHORE_TLS_CERT_FILE', files.certFile);
  const key = await readPem('LONGSHORE_TLS_KEY_FILE', files.keyFile);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new LongshoreError('INVALID_INPUT', 'the TLS files are no certificate with its key', {
      field: 'LONGSHORE_TLS_CERT_FILE',
      hint: 'Both are PEM: the certificate with its chain in one file, its private key, without a passphrase, in the other.',
      cause,
    });
  }
  return { cert, key };
};

const readPem = async (variable: string, path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new LongshoreError('INVALID_INPUT', `${variable} names ${path}, which cannot be read`, {
      field: variable,
      cause,
    });
  }
};

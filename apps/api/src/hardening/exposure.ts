import { BlockList, isIP } from 'node:net';
import { LongshoreError } from '@longshore/contract';

interface Exposure {
  LONGSHORE_HOST: string;
  LONGSHORE_TLS_CERT_FILE?: string | undefined;
  LONGSHORE_TLS_KEY_FILE?: string | undefined;
  LONGSHORE_TRUSTED_PROXIES?: readonly string[] | undefined;
}

/**
 * Keys are bearer secrets, so an address that others can reach takes TLS, or the operator's word for what stands in front.
 * Throws INVALID_INPUT for a public address with neither, and for one TLS file without the other.
 */
export const requireProtection = (variables: Exposure): void => {
  const { LONGSHORE_HOST: host, LONGSHORE_TRUSTED_PROXIES: proxies } = variables;
  requireBothTlsFiles(variables);
  if (isLoopback(host) || variables.LONGSHORE_TLS_CERT_FILE !== undefined || proxies !== undefined) return;
  throw new LongshoreError(
    'INVALID_INPUT',
    `LONGSHORE_HOST is ${JSON.stringify(host)}, which other machines can reach, and keys would cross the network unprotected`,
    {
      field: 'LONGSHORE_HOST',
      hint:
        'Set LONGSHORE_TLS_CERT_FILE and LONGSHORE_TLS_KEY_FILE; or set LONGSHORE_TRUSTED_PROXIES to the addresses of ' +
        'the proxy that ends TLS, or to none if this is a private network; or listen on 127.0.0.1.',
    },
  );
};

const requireBothTlsFiles = (variables: Exposure): void => {
  const missing = (['LONGSHORE_TLS_CERT_FILE', 'LONGSHORE_TLS_KEY_FILE'] as const).filter(
    (variable) => variables[variable] === undefined,
  );
  if (missing.length !== 1) return;
  throw new LongshoreError('INVALID_INPUT', `${missing[0]} is not set; TLS takes both of its files`, {
    field: missing[0],
    hint: 'Set LONGSHORE_TLS_CERT_FILE and LONGSHORE_TLS_KEY_FILE to PEM files, or neither.',
  });
};

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** A name other than localhost may resolve to anything, so it counts as public. */
const isLoopback = (host: string): boolean => {
  const family = isIP(host);
  if (family === 0) return host === 'localhost';
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
};

/** An address or a CIDR. One of /0 would believe everybody, which is never meant. */
export const isProxyAddress = (text: string): boolean => {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
};

import { isIPv4, isIPv6 } from 'node:net';

/**
 * The network that an address belongs to: the /24 of IPv4, also when it is written as IPv6, and the /64 of IPv6, which one
 * subscriber has all of. What is no address is a network of its own.
 */
export const networkOf = (address: string): string => {
  if (isIPv4(address)) return network24(address.split('.').map(Number));
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return 'unknown';
  const groups = groupsOf(bare);
  if (isMapped(groups)) {
    const [high, low] = groups.slice(6) as [number, number];
    return network24([high >> 8, high & 255, low >> 8]);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
};

const network24 = (bytes: number[]): string => `${bytes.slice(0, 3).join('.')}.0/24`;

/** `::ffff:a.b.c.d` */
const isMapped = (groups: number[]): boolean =>
  groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);

/** The eight numbers of an address. A URL writes every form of it the same way. */
const groupsOf = (address: string): number[] => {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = readGroups(head);
  if (tail === undefined) return before;
  const after = readGroups(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
};

const readGroups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

import { expect, test } from 'vitest';
import { networkOf } from './client-network.ts';

test.for([
  ['192.0.2.1', '192.0.2.0/24'],
  ['192.0.2.255', '192.0.2.0/24'],
  ['::ffff:192.0.2.7', '192.0.2.0/24'],
  ['::FFFF:c000:0207', '192.0.2.0/24'],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::192.0.2.7', '0:0:0:0::/64'],
  ['', 'unknown'],
  ['localhost', 'unknown'],
  ['192.0.2.256', 'unknown'],
] as const)('%s belongs to %s', ([address, network]) => {
  expect(networkOf(address)).toBe(network);
});

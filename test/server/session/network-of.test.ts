import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../server/session/network-of.ts';
import { DEFAULT_START_BPS, startRateBps } from '../../../server/session/start-rate.ts';

describe('networkOf', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:12:3400::1', '2001:db8:12::/48'],
    ['2001:DB8:0012:3400:0:0:0:1', '2001:db8:12::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['::1', '0:0:0::/48'],
  ])('puts %s into %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('knows no network of what is no address', () => {
    expect(networkOf('example.org')).toBeUndefined();
    expect(networkOf('')).toBeUndefined();
  });
});

describe('startRateBps', () => {
  const known = [
    { network: '203.0.113.0/24', bitrateBps: 10_000_000 },
    { network: '198.51.100.0/24', bitrateBps: 1_000_000 },
  ];

  it('begins a little below what this network carried last time', () => {
    expect(startRateBps('203.0.113.9', known)).toBe(8_000_000);
    expect(startRateBps('198.51.100.200', known)).toBe(800_000);
  });

  it('begins in the middle on a network it does not know', () => {
    expect(startRateBps('192.0.2.1', known)).toBe(DEFAULT_START_BPS);
    expect(startRateBps(undefined, known)).toBe(DEFAULT_START_BPS);
  });
});

import { isIPv4, isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/**
 * The network an address belongs to, as far as it says something about the path: providers give out
 * IPv4 by /24 or more and IPv6 sites a /48 (RFC 6177 §2). What it leaves out is who is there.
 * @returns undefined where it is no address.
 */
export function networkOf(address: string): string | undefined {
  const plain = address.replace(MAPPED, '');
  if (isIPv4(plain)) return `${plain.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(plain)) return undefined;
  const [before = '', after] = plain.split('%')[0]?.split('::') ?? [];
  const groups = before === '' ? [] : before.split(':');
  if (after !== undefined) {
    const tail = after === '' ? 0 : after.split(':').length;
    for (let missing = 8 - groups.length - tail; missing > 0; missing--) groups.push('0');
  }
  const site = groups.slice(0, 3).map((group) => Number.parseInt(group, 16).toString(16));
  return `${site.join(':')}::/48`;
}

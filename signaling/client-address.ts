import type { IncomingMessage } from 'node:http';

/**
 * Who is at the other end, as limits count: the peer, or what the trusted proxies in front say of theirs.
 * @param proxies how many there are in a row, each of which appends to `X-Forwarded-For`.
 */
export function clientAddress(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  proxies: number,
): string {
  const peer = socket.remoteAddress ?? '';
  if (proxies === 0) return peer;
  const named = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  // What stands further left was said by others, and may be anything.
  return named.at(-proxies)?.trim() || peer;
}

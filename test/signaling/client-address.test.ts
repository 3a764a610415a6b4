import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress } from '../../signaling/client-address.ts';

function request(forwarded?: string): Pick<IncomingMessage, 'headers' | 'socket'> {
  return {
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress: '192.0.2.9' } as IncomingMessage['socket'],
  };
}

describe('the address that limits count by', () => {
  it('is the peer where there is no proxy, whatever that says', () => {
    expect(clientAddress(request('198.51.100.1'), 0)).toBe('192.0.2.9');
  });

  it('is what the proxies say, and nothing that stood there before', () => {
    expect(clientAddress(request('198.51.100.1'), 1)).toBe('198.51.100.1');
    expect(clientAddress(request('203.0.113.7, 198.51.100.1'), 1)).toBe('198.51.100.1');
    expect(clientAddress(request('203.0.113.7, 198.51.100.1, 10.0.0.1'), 2)).toBe('198.51.100.1');
  });

  it('is the peer where a proxy says nothing', () => {
    expect(clientAddress(request(), 1)).toBe('192.0.2.9');
  });
});

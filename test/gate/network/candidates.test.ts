import { describe, expect, it } from 'vitest';
import {
  type Address,
  askedOnce,
  rewriteCandidate,
  rewriteSdp,
  withoutCandidates,
} from '../../../gate/network/candidates.ts';

const map = async ({ port }: Address): Promise<Address> => ({ host: '127.0.0.9', port: port + 1 });

const HOST = 'candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host generation 0 ufrag abcd';

describe('rewriteCandidate', () => {
  it('replaces address and port and nothing else', async () => {
    expect(await rewriteCandidate(HOST, map)).toBe(
      'candidate:1 1 udp 2130706431 127.0.0.9 50001 typ host generation 0 ufrag abcd',
    );
  });

  it('knows the transport in any case', async () => {
    expect(await rewriteCandidate(HOST.replace('udp', 'UDP'), map)).toContain('127.0.0.9 50001');
  });

  it('leaves the end of candidates as it is', async () => {
    expect(await rewriteCandidate('', map)).toBe('');
  });

  it.each([
    ['TCP', HOST.replace('udp', 'tcp')],
    ['IPv6', HOST.replace('192.0.2.7', '2001:db8::7')],
    ['a name of mDNS', HOST.replace('192.0.2.7', '6f0c2d5e-1f7f-4b8a-9d55-0d3c3d9f7a11.local')],
    ['a reflexive address', `${HOST.replace('host', 'srflx')} raddr 10.0.0.1 rport 50000`],
    ['a relayed address', HOST.replace('typ host', 'typ relay')],
    ['what is no candidate', 'candidate: nonsense'],
  ])('drops %s and opens no path for it', async (_what, candidate) => {
    const refuse = () => Promise.reject(new Error('a path was opened'));
    expect(await rewriteCandidate(candidate, refuse)).toBeUndefined();
  });
});

const SDP = [
  'v=0',
  'm=video 50000 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 192.0.2.7',
  `a=${HOST}`,
  `a=${HOST.replace('udp', 'tcp')}`,
  'a=end-of-candidates',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  `a=${HOST}`,
  '',
].join('\r\n');

describe('rewriteSdp', () => {
  it('rewrites the candidates that can go through and takes the others out', async () => {
    const rewritten = await rewriteSdp(SDP, map);
    expect(rewritten.split('\r\n').filter((line) => line.includes('candidate:'))).toEqual([
      `a=${HOST.replace('192.0.2.7 50000', '127.0.0.9 50001')}`,
      `a=${HOST.replace('192.0.2.7 50000', '127.0.0.9 50001')}`,
    ]);
    const others = (sdp: string) => sdp.split('\r\n').filter((line) => !/candidate:/.test(line));
    expect(others(rewritten)).toEqual(others(SDP));
  });
});

describe('withoutCandidates', () => {
  it('leaves no address to connect to', () => {
    const lines = withoutCandidates(SDP).split('\r\n');
    expect(lines.some((line) => line.includes('candidate:'))).toBe(false);
    expect(lines).toHaveLength(SDP.split('\r\n').length - 3);
  });
});

describe('askedOnce', () => {
  it('opens one path for each address', async () => {
    const asked: Address[] = [];
    const once = askedOnce((address) => {
      asked.push(address);
      return map(address);
    });
    const a = { host: '192.0.2.7', port: 50_000 };
    const b = { host: '192.0.2.7', port: 50_002 };
    expect(await Promise.all([once(a), once(b), once({ ...a })])).toEqual([
      { host: '127.0.0.9', port: 50_001 },
      { host: '127.0.0.9', port: 50_003 },
      { host: '127.0.0.9', port: 50_001 },
    ]);
    expect(asked).toEqual([a, b]);
  });
});

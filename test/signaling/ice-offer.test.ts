import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { playerIdSchema, sessionIdSchema } from '../../protocol/ids.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import { IceOffer, type IceOfferOptions } from '../../signaling/ice-offer.ts';

const PLAYER = playerIdSchema.parse('11111111-1111-4111-8111-111111111111');
const HOST = 'candidate:1 1 udp 2122260223 192.168.1.7 50000 typ host generation 0';
const MDNS = 'candidate:2 1 udp 2122260223 3f2a.local 50001 typ host';
const REFLEXIVE =
  'candidate:3 1 udp 1686052607 203.0.113.9 50002 typ srflx raddr 192.168.1.7 rport 1';
const RELAY = 'candidate:4 1 udp 41885439 198.51.100.5 49160 typ relay raddr 0.0.0.0 rport 0';

function offer(overrides: Partial<IceOfferOptions> = {}): IceOffer {
  return new IceOffer({
    iceServers: [],
    turnUrls: [],
    turnSecret: undefined,
    relayOnly: false,
    wallClockMs: () => 1_800_000_000_000,
    ...overrides,
  });
}

function signal(payload: SessionSignal['payload']): SessionSignal {
  return { sessionId: sessionIdSchema.parse(randomUUID()), attempt: 0, payload };
}

function candidate(text: string): SessionSignal {
  return signal({
    kind: 'candidate',
    candidate: { candidate: text, sdpMid: '0', sdpMLineIndex: 0 },
  });
}

describe('the offer of ways to connect', () => {
  it('names the servers of the configuration', () => {
    const iceServers = [{ urls: ['stun:stun.example.org'] }];
    expect(offer({ iceServers }).for(PLAYER)).toEqual({ iceServers, relayOnly: false });
  });

  it('makes credentials that a relay checks by the secret they share', () => {
    const turn = { turnUrls: ['turn:turn.example.org'], turnSecret: 'north' };
    const { iceServers } = offer(turn).for(PLAYER);
    // printf '1800086400:11111111-…' | openssl dgst -sha1 -hmac north -binary | base64
    expect(iceServers).toEqual([
      {
        urls: ['turn:turn.example.org'],
        username: `1800086400:${PLAYER}`,
        credential: '3j6Xz1cgdRpmqu9jRT1GqRg2YDs=',
      },
    ]);
  });

  it('passes everything on where any way may be used', () => {
    for (const text of [HOST, MDNS, REFLEXIVE, RELAY]) {
      const told = candidate(text);
      expect(offer().passOn(told)).toBe(told);
    }
  });

  it('tells nobody an address but the relay’s where relays alone are used', () => {
    const strict = offer({ relayOnly: true });
    expect([HOST, MDNS, REFLEXIVE].map((text) => strict.passOn(candidate(text)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const relayed = candidate(RELAY);
    expect(strict.passOn(relayed)).toBe(relayed);
    const restart = signal({ kind: 'restart-ice' });
    expect(strict.passOn(restart)).toBe(restart);
  });

  it('takes the other ways out of a description', () => {
    const lines = ['v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0'];
    const sdp = [...lines, `a=${HOST}`, `a=${REFLEXIVE}`, `a=${RELAY}`, ''].join('\r\n');
    const told = signal({ kind: 'description', description: { type: 'offer', sdp } });
    expect(offer({ relayOnly: true }).passOn(told)?.payload).toEqual({
      kind: 'description',
      description: { type: 'offer', sdp: [...lines, `a=${RELAY}`, ''].join('\r\n') },
    });
  });
});

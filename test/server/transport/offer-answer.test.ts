import { describe, expect, it } from 'vitest';
import {
  digestible,
  iceOf,
  isNamed,
  withIce,
  withRepairStream,
} from '../../../server/transport/offer-answer.ts';

const PASSWORD = 'a-password-of-22-chars';
const HOST = '1 1 udp 2113937151 192.0.2.7 50000 typ host';
const NAMED = '1 1 udp 2113937151 0a1b-2c3d.local 50000 typ host';

const lines = (...all: string[]): string => `${all.join('\r\n')}\r\n`;

const OFFER = lines(
  'v=0',
  'o=- 4711 0 IN IP4 0.0.0.0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  `a=candidate:${HOST}`,
  'a=end-of-candidates',
  'a=ice-ufrag:old1',
  'a=ice-pwd:old-password-of-22-char',
  'a=ssrc-group:FID 7 8',
  'a=ssrc:7 cname:me',
  'a=ssrc:8 cname:me',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  `a=candidate:${HOST}`,
  'a=ice-ufrag:old1',
  'a=ice-pwd:old-password-of-22-char',
  'a=ssrc:77 cname:me',
);

describe('withRepairStream', () => {
  it('names the repair stream beside the one it repairs, and nowhere else', () => {
    const added = withRepairStream(OFFER, 7, 9)
      .split('\r\n')
      .filter((line) => !OFFER.includes(line));
    expect(added).toEqual(['a=ssrc-group:FEC-FR 7 9', 'a=ssrc:9 cname:me']);
  });
});

describe('withIce', () => {
  const ice = { ufrag: 'new1', password: PASSWORD, candidates: [HOST.replace('50000', '50001')] };

  it('changes the credentials everywhere, and has the candidates in the first section only', () => {
    expect(withIce(OFFER, ice, 3, true)).toBe(
      lines(
        'v=0',
        'o=- 4711 3 IN IP4 0.0.0.0',
        'm=video 9 UDP/TLS/RTP/SAVPF 96',
        'a=ice-ufrag:new1',
        `a=ice-pwd:${PASSWORD}`,
        'a=ssrc-group:FID 7 8',
        'a=ssrc:7 cname:me',
        'a=ssrc:8 cname:me',
        'a=candidate:1 1 udp 2113937151 192.0.2.7 50001 typ host',
        'a=end-of-candidates',
        'm=audio 9 UDP/TLS/RTP/SAVPF 111',
        'a=ice-ufrag:new1',
        `a=ice-pwd:${PASSWORD}`,
        'a=ssrc:77 cname:me',
      ),
    );
  });

  it('does not end the candidates where more will come', () => {
    expect(withIce(OFFER, { ...ice, candidates: [] }, 1, false)).not.toMatch(/candidate/);
  });
});

describe('digestible', () => {
  it('leaves out names, the end of candidates and refused sections, but never the picture', () => {
    const answer = lines(
      'v=0',
      'm=video 0 UDP/TLS/RTP/SAVPF 96',
      `a=candidate:${NAMED}`,
      `a=candidate:${HOST}`,
      'a=end-of-candidates',
      'm=audio 0 UDP/TLS/RTP/SAVPF 0',
      'a=inactive',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    );
    expect(digestible(answer)).toBe(
      lines(
        'v=0',
        'm=video 0 UDP/TLS/RTP/SAVPF 96',
        `a=candidate:${HOST}`,
        'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      ),
    );
  });
});

describe('iceOf', () => {
  it('reads credentials and candidates with addresses, whatever ends the lines', () => {
    const answer = lines(
      'v=0',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'a=ice-ufrag:abcd',
      `a=ice-pwd:${PASSWORD}`,
      `a=candidate:${NAMED}`,
      `a=candidate:${HOST}`,
    );
    const expected = { ufrag: 'abcd', password: PASSWORD, candidates: [HOST] };
    expect(iceOf(answer)).toEqual(expected);
    expect(iceOf(answer.replaceAll('\r\n', '\n'))).toEqual(expected);
  });

  it('wants both credentials, each as long as it has to be', () => {
    for (const text of [
      '',
      'a=ice-ufrag:abcd',
      `a=ice-ufrag:abc\r\na=ice-pwd:${PASSWORD}`,
      `a=ice-ufrag:abcd\r\na=ice-pwd:${PASSWORD.slice(1)}`,
      `a=ice-ufrag:${'a'.repeat(257)}\r\na=ice-pwd:${PASSWORD}`,
    ]) {
      expect(iceOf(`v=0\r\n${text}\r\n`)).toBeUndefined();
    }
  });
});

describe('isNamed', () => {
  it('tells names from addresses', () => {
    expect(isNamed(`candidate:${NAMED}`)).toBe(true);
    expect(isNamed(`candidate:${HOST.replace('192.0.2.7', 'intranet.example')}`)).toBe(true);
    expect(isNamed(`candidate:${HOST}`)).toBe(false);
    expect(isNamed(`candidate:${HOST.replace('192.0.2.7', '2001:db8::7')}`)).toBe(false);
    expect(isNamed('nonsense')).toBe(false);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { PictureLossIndication, RtcpPayloadSpecificFeedback } from 'werift';
import { CHANNELS, PLAYOUT_DELAY_URI } from '../../../protocol/channels.ts';
import type { PeerOptions } from '../../../server/transport/peer.ts';
import { LoopbackSession } from './loopback-session.ts';
import { countUdpSockets } from './open-sockets.ts';

describe('WeriftPeer', () => {
  let session: LoopbackSession | undefined;
  afterEach(() => session?.close());

  function open(options?: Partial<PeerOptions>, browserCodecs?: string[]): LoopbackSession {
    session = new LoopbackSession(options, browserCodecs);
    return session;
  }

  it('offers every codec with retransmission, repair, Opus, RED and the extensions', async () => {
    const { sdp } = await open({ codecs: ['av1', 'h265', 'h264', 'vp8'] }).peer.createOffer();
    expect(sdp.match(/a=rtpmap:\d+ \S+/g)).toEqual([
      'a=rtpmap:96 AV1/90000',
      'a=rtpmap:97 rtx/90000',
      'a=rtpmap:98 H265/90000',
      'a=rtpmap:99 rtx/90000',
      'a=rtpmap:100 H264/90000',
      'a=rtpmap:101 rtx/90000',
      'a=rtpmap:102 VP8/90000',
      'a=rtpmap:103 rtx/90000',
      'a=rtpmap:118 flexfec-03/90000',
      'a=rtpmap:111 opus/48000/2',
      'a=rtpmap:112 red/48000/2',
    ]);
    for (const line of [
      'a=fmtp:101 apt=100',
      'a=fmtp:100 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e033',
      'a=fmtp:112 111/111',
      'a=fmtp:118 repair-window=10000000',
      'a=rtcp-fb:100 ccm fir',
      'a=rtcp-fb:102 goog-remb',
      'a=rtcp-fb:111 transport-cc',
    ]) {
      expect(sdp.split('\r\n')).toContain(line);
    }
    expect(sdp).toContain(PLAYOUT_DELAY_URI);
    expect(sdp.match(/a=msid:\S+/g)).toEqual(['a=msid:video', 'a=msid:audio']);
    expect(sdp.match(/a=sendonly/g)).toHaveLength(2);
    const ids = [...sdp.matchAll(/a=extmap:(\d+) (\S+)/g)].map(([, id, uri]) => `${id} ${uri}`);
    const uris = new Set(ids.map((line) => line.split(' ')[1]));
    expect(new Set(ids).size).toBe(uris.size);
  });

  it('gives the picture, its retransmissions and its repair a stream each', async () => {
    const { sdp } = await open().peer.createOffer();
    const [, media = '', rtx = ''] = /a=ssrc-group:FID (\d+) (\d+)/.exec(sdp) ?? [];
    const [, repaired, fec = ''] = /a=ssrc-group:FEC-FR (\d+) (\d+)/.exec(sdp) ?? [];
    expect(repaired).toBe(media);
    const named = [...sdp.matchAll(/a=ssrc:(\d+) cname:(\S+)/g)];
    const ssrcs = named.map(([, ssrc]) => ssrc);
    expect(ssrcs).toEqual(expect.arrayContaining([media, rtx, fec]));
    expect(new Set(ssrcs).size).toBe(4);
    expect(new Set(named.map(([, , cname]) => cname)).size).toBe(1);
  });

  it('keeps of its codecs what the answer has, in its own order', async () => {
    const { peer, connect } = bound(
      open({ codecs: ['av1', 'h265', 'h264', 'vp8'] }, ['VP8', 'H264', 'rtx', 'flexfec-03']),
    );
    await connect((sdp) =>
      sdp
        .replace(/a=rtpmap:103 rtx.*\r\na=fmtp:103.*\r\n/, '')
        .replace('apt=100', 'rtx-time=1000;apt=100'),
    );
    expect(peer.video?.codecs).toEqual([
      { codec: 'h264', payloadType: 100, rtxPayloadType: 101 },
      { codec: 'vp8', payloadType: 102, rtxPayloadType: undefined },
    ]);
    expect(peer.video?.fec).toMatchObject({ payloadType: 118 });
    expect(peer.audio).toMatchObject({ mid: '1', payloadType: 111, redPayloadType: 112 });
    expect(peer.audio?.extensions.size).toBe(0);
  });

  it('does without what the answer declines', async () => {
    const { peer, connect } = bound(open());
    await connect((sdp) => sdp.replaceAll('red/48000/2', 'PCMA/8000'));
    expect(peer.video?.fec).toBeUndefined();
    expect(peer.audio?.redPayloadType).toBeUndefined();
  });

  it('plays without sound where the answer refuses it', async () => {
    const { peer, journal, connect } = bound(open());
    await connect((sdp) =>
      sdp
        .replace('BUNDLE 0 1 2', 'BUNDLE 0 2')
        .replace(
          /m=audio[\s\S]*?(?=m=application)/,
          'm=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:1\r\n',
        ),
    );
    await journal.until('open control');
    expect(peer.audio).toBeUndefined();
    expect(peer.video?.codecs).toHaveLength(1);
  });

  it('ignores payload types that were never offered', async () => {
    const { peer, connect } = bound(open({ codecs: ['h264', 'vp8'] }, ['H264', 'VP8']));
    await connect((sdp) => sdp.replaceAll(/(a=(?:rtpmap|fmtp|rtcp-fb):)96 /g, '$155 '));
    expect(peer.video?.codecs.map(({ codec }) => codec)).toEqual(['vp8']);
  });

  it('offers loopback alone where nothing else may be reached', async () => {
    const { sdp } = await open().peer.createOffer();
    const addresses = [...sdp.matchAll(/a=candidate:\S+ \d udp \d+ (\S+)/gi)].map((m) => m[1]);
    expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
    expect(session?.journal.lines).not.toContain('candidate');
  });

  it('binds ports of the range only, and refuses a range of one', async () => {
    const { sdp } = await open({ portRange: [42_000, 42_050] }).peer.createOffer();
    const ports = [...sdp.matchAll(/a=candidate:\S+ \d udp \d+ \S+ (\d+)/gi)].map((m) =>
      Number(m[1]),
    );
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toBeGreaterThanOrEqual(42_000);
    for (const port of ports) expect(port).toBeLessThanOrEqual(42_050);
    expect(() => new LoopbackSession({ portRange: [42_000, 42_000] })).toThrow(/two ports/);
  });

  it('connects, opens every channel, and carries messages both ways', async () => {
    const { peer, journal, channels, connect } = bound(open());
    await connect();
    for (const label of Object.keys(CHANNELS)) await journal.until(`open ${label}`);
    expect(journal.lines[0]).toBe('state connected');
    channels.get('input')?.send(Buffer.from('c0ffee', 'hex'));
    channels.get('control')?.send('hello');
    await journal.until('input c0ffee');
    await journal.until('control hello');
    expect(peer.sendMessage('control', 'welcome')).toBe(true);
    await journal.until('browser control welcome');
    const modes = [...channels.values()].map(({ label, ordered, maxRetransmits }) => [
      label,
      { ordered, ...(maxRetransmits !== null && { maxRetransmits }) },
    ]);
    expect(Object.fromEntries(modes)).toEqual(CHANNELS);
  });

  it('refuses messages on a channel that is not open or not being read', async () => {
    const { peer, journal, connect } = bound(open());
    expect(peer.sendMessage('control', 'early')).toBe(false);
    await connect();
    await journal.until('open control');
    const block = new Uint8Array(16_384);
    let accepted = 0;
    while (accepted < 1000 && peer.sendMessage('control', block)) accepted++;
    expect(accepted).toBeGreaterThan(10);
    expect(accepted).toBeLessThan(100);
  });

  it('carries RTP packets byte for byte, and nothing of its own', async () => {
    const { peer, journal, received, connect } = bound(open());
    await connect();
    await journal.until('state connected');
    const sent = Array.from({ length: 4 }, () => session?.nextPacket() ?? Buffer.alloc(0));
    for (const packet of sent) peer.sendRtp(packet);
    await journal.until('rtp 4');
    expect(received.map((packet) => packet.serialize())).toEqual(sent);
  });

  it('knows the address that media goes to once it is connected', async () => {
    const { peer, journal, connect } = bound(open());
    expect(peer.remoteAddress).toBeUndefined();
    await connect();
    await journal.until('state connected');
    expect(peer.remoteAddress).toBe('127.0.0.1');
  });

  it('hands over compound RTCP as it came', async () => {
    const { peer, browser, journal, rtcp, connect } = bound(open());
    await connect();
    await journal.until('state connected');
    const [transport] = browser.dtlsTransports;
    if (!transport) throw new Error('no transport');
    const ssrc = peer.video?.ssrc ?? 0;
    // The far side may finish a little later than this one.
    if (transport.state !== 'connected') await transport.onStateChange.asPromise();
    const feedback = new PictureLossIndication({ senderSsrc: 5, mediaSsrc: ssrc });
    const packet = new RtcpPayloadSpecificFeedback({ feedback });
    await transport.sendRtcp([packet, packet]);
    await journal.until('rtcp 206');
    const one = packet.serialize();
    expect(rtcp.filter((compound) => compound[1] === 206)).toEqual([Buffer.concat([one, one])]);
  });

  it('connects without a word from the far side about its address', async () => {
    const { journal, connect } = bound(open());
    await connect((sdp) =>
      sdp.replaceAll(/(a=candidate:\S+ \d udp \d+ )127\.0\.0\.1/gi, '$1some-name.local'),
    );
    await journal.until('state connected');
    expect(journal.lines).toContain('state connected');
  });

  it('ignores named candidates and refuses those that make no sense', async () => {
    const { peer, connect } = bound(open());
    await connect();
    const sdp = { sdpMid: '0', sdpMLineIndex: 0 };
    const named = 'candidate:1 1 udp 2113937151 0a1b.local 50000 typ host';
    await peer.addRemoteCandidate({ ...sdp, candidate: named });
    await peer.addRemoteCandidate({ ...sdp, candidate: '' });
    await expect(
      peer.addRemoteCandidate({
        ...sdp,
        sdpMid: 'x',
        candidate: named.replace('0a1b.local', '192.0.2.1'),
      }),
    ).rejects.toMatchObject({ code: 'bad-message' });
  });

  it('says that there is no common codec when the far side has another', async () => {
    const { peer, connect } = bound(open({ codecs: ['h264'] }, ['H264']));
    await expect(connect((sdp) => sdp.replaceAll('H264/90000', 'AV1/90000'))).rejects.toMatchObject(
      { code: 'no-common-codec' },
    );
    expect(peer.video).toBeUndefined();
  });

  it('refuses an answer that is none, and a second one', async () => {
    const { peer, connect } = bound(open());
    let answer = '';
    for (const sdp of ['hello', 'v=0\r\nm=nonsense\r\n']) {
      const garbage = peer.acceptAnswer({ type: 'answer', sdp });
      await expect(garbage).rejects.toMatchObject({ code: 'bad-message' });
    }
    await connect((sdp) => {
      answer = sdp;
      return sdp;
    });
    const second = peer.acceptAnswer({ type: 'answer', sdp: answer });
    await expect(second).rejects.toMatchObject({ code: 'bad-message' });
  });

  it('says that the far side fell silent, and that it is back', async () => {
    const { journal, time, channels, connect } = bound(open());
    await connect();
    await journal.until('open control');
    time.advance(4000);
    expect(journal.lines).not.toContain('state disconnected');
    time.advance(2000);
    expect(journal.lines).toContain('state disconnected');
    channels.get('control')?.send('back');
    await journal.until('control back');
    expect(journal.lines.filter((line) => line === 'state connected')).toHaveLength(2);
  });

  it('leaves no socket and no timer behind when it is closed', async () => {
    const before = await countUdpSockets();
    const { peer, journal, time, connect } = bound(open());
    await connect();
    await journal.until('open control');
    expect(await countUdpSockets()).toBe(before + 2);
    await session?.close();
    await peer.close();
    expect(time.pendingTimers).toBe(0);
    expect(await countUdpSockets()).toBe(before);
    peer.sendRtp(new Uint8Array(20));
    expect(peer.sendMessage('control', 'late')).toBe(false);
  });
});

function bound(session: LoopbackSession) {
  const { peer, browser, journal, rtcp, received, channels, time } = session;
  const connect = (change?: (sdp: string) => string): Promise<void> => session.connect(change);
  return { peer, browser, journal, rtcp, received, channels, time, connect };
}

import { afterEach, describe, expect, it } from 'vitest';
import {
  PictureLossIndication,
  type RTCDataChannel,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtcpPayloadSpecificFeedback,
  type RtpPacket,
} from 'werift';
import { CHANNELS, type ChannelLabel, PLAYOUT_DELAY_URI } from '../../../protocol/channels.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import type { PeerOptions, PeerState } from '../../../server/transport/peer.ts';
import { RtpStream } from '../../../server/transport/rtp-stream.ts';
import { Vp8Packetizer } from '../../../server/transport/vp8-packetizer.ts';
import { WeriftPeer } from '../../../server/transport/werift-peer.ts';
import { countUdpSockets } from './open-sockets.ts';

const OPTIONS: PeerOptions = {
  codec: 'vp8',
  iceServers: [],
  loopbackOnly: true,
  extraAddresses: [],
  portRange: undefined,
};

/** What happens, as it happens: tests wait for a line instead of for time. */
class Journal {
  readonly lines: string[] = [];
  #waiting: { readonly line: string; readonly resolve: () => void }[] = [];

  note(line: string): void {
    this.lines.push(line);
    for (const { line: wanted, resolve } of this.#waiting) if (wanted === line) resolve();
    this.#waiting = this.#waiting.filter(({ line: wanted }) => wanted !== line);
  }

  async until(line: string): Promise<void> {
    if (this.lines.includes(line)) return;
    await new Promise<void>((resolve) => this.#waiting.push({ line, resolve }));
  }
}

class Session {
  readonly journal = new Journal();
  readonly rtcp: Buffer[] = [];
  readonly received: RtpPacket[] = [];
  readonly channels = new Map<string, RTCDataChannel>();
  readonly time = new VirtualTime();
  readonly peer: WeriftPeer;
  readonly browser: RTCPeerConnection;

  constructor(options: Partial<PeerOptions> = {}, browserCodec = 'video/VP8') {
    const { journal } = this;
    this.peer = new WeriftPeer(
      { ...OPTIONS, ...options },
      {
        handleState: (state: PeerState) => journal.note(`state ${state}`),
        handleLocalCandidate: () => journal.note('candidate'),
        handleChannelOpen: (label: ChannelLabel) => journal.note(`open ${label}`),
        handleMessage: (label, data) =>
          journal.note(
            `${label} ${typeof data === 'string' ? data : Buffer.from(data).toString('hex')}`,
          ),
        handleRtcp: (compound) => {
          this.rtcp.push(Buffer.from(compound));
          journal.note(`rtcp ${compound[1]}`);
        },
      },
      this.time,
      this.time,
    );
    this.browser = new RTCPeerConnection({
      iceServers: [],
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      codecs: {
        video: [new RTCRtpCodecParameters({ mimeType: browserCodec, clockRate: 90_000 })],
        audio: [
          new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }),
        ],
      },
    });
    this.browser.onDataChannel.subscribe((channel) => {
      this.channels.set(channel.label, channel);
      channel.onMessage.subscribe((data) => journal.note(`browser ${channel.label} ${data}`));
    });
    this.browser.onRemoteTransceiverAdded.subscribe((transceiver) => {
      transceiver.onTrack.subscribe((track) => {
        track.onReceiveRtp.subscribe((packet) => {
          this.received.push(packet);
          journal.note(`rtp ${packet.header.sequenceNumber}`);
        });
      });
    });
  }

  async connect(change = (sdp: string): string => sdp): Promise<void> {
    const offer = await this.peer.createOffer();
    await this.browser.setRemoteDescription(offer);
    await this.browser.setLocalDescription(await this.browser.createAnswer());
    const sdp = this.browser.localDescription?.sdp ?? '';
    await this.peer.acceptAnswer({ type: 'answer', sdp: change(sdp) });
  }

  async close(): Promise<void> {
    await Promise.all([this.peer.close(), this.browser.close()]);
  }
}

describe('WeriftPeer', () => {
  let session: Session | undefined;
  afterEach(() => session?.close());

  function open(options?: Partial<PeerOptions>, browserCodec?: string): Session {
    session = new Session(options, browserCodec);
    return session;
  }

  it('offers one video codec with retransmission, Opus, the extensions, and a stream for each', async () => {
    const { sdp } = await open({ codec: 'h264' }).peer.createOffer();
    expect(sdp.match(/a=rtpmap:\d+ \S+/g)).toEqual([
      'a=rtpmap:96 H264/90000',
      'a=rtpmap:97 rtx/90000',
      'a=rtpmap:111 opus/48000/2',
    ]);
    expect(sdp).toContain('profile-level-id=42e02a');
    expect(sdp).toContain('packetization-mode=1');
    expect(sdp).toContain('a=rtcp-fb:96 ccm fir');
    expect(sdp).toContain(PLAYOUT_DELAY_URI);
    expect(sdp.match(/a=msid:\S+/g)).toEqual(['a=msid:video', 'a=msid:audio']);
    expect(sdp.match(/a=sendonly/g)).toHaveLength(2);
    const ids = [...sdp.matchAll(/a=extmap:(\d+) (\S+)/g)].map(([, id, uri]) => `${id} ${uri}`);
    const uris = new Set(ids.map((line) => line.split(' ')[1]));
    expect(new Set(ids).size).toBe(uris.size);
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
    expect(() => new Session({ portRange: [42_000, 42_000] })).toThrow(/two ports/);
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
    const negotiated = peer.stream('video');
    if (!negotiated) throw new Error('no video');
    expect(negotiated).toMatchObject({ mid: '0', payloadType: 96 });
    const stream = new RtpStream(negotiated, 90_000, new Vp8Packetizer(1), 65_534);
    const sent = [...stream.packetize(Buffer.alloc(4000, 9), 90_000, 0)].map((p) => Buffer.from(p));
    for (const packet of sent) peer.sendRtp(packet);
    await journal.until('rtp 1');
    expect(received.map((packet) => packet.serialize())).toEqual(sent);
  });

  it('hands over compound RTCP as it came', async () => {
    const { peer, browser, journal, rtcp, connect } = bound(open());
    await connect();
    await journal.until('state connected');
    const [transport] = browser.dtlsTransports;
    if (!transport) throw new Error('no transport');
    const ssrc = peer.stream('video')?.ssrc ?? 0;
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
      peer.addRemoteCandidate({ ...sdp, sdpMid: 'x', candidate: named.replace('.local', '') }),
    ).rejects.toMatchObject({ code: 'bad-message' });
  });

  it('says that there is no common codec when the far side has another', async () => {
    const { peer, connect } = bound(open({ codec: 'h264' }, 'video/H264'));
    await expect(connect((sdp) => sdp.replaceAll('H264/90000', 'AV1/90000'))).rejects.toMatchObject(
      { code: 'no-common-codec' },
    );
    expect(peer.stream('video')).toBeUndefined();
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

function bound(session: Session) {
  const { peer, browser, journal, rtcp, received, channels, time } = session;
  const connect = (change?: (sdp: string) => string): Promise<void> => session.connect(change);
  return { peer, browser, journal, rtcp, received, channels, time, connect };
}

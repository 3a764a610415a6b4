import {
  type RTCDataChannel,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RtpPacket,
} from 'werift';
import type { ChannelLabel } from '../../../protocol/channels.ts';
import type { SessionDescription } from '../../../protocol/session-signal.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import type { PeerOptions, PeerState } from '../../../server/transport/peer.ts';
import { WeriftPeer } from '../../../server/transport/werift-peer.ts';

/** For connections that stay on this machine. */
const LOOPBACK_OPTIONS: PeerOptions = {
  codecs: ['vp8'],
  iceServers: [],
  relayOnly: false,
  loopbackOnly: true,
  extraAddresses: [],
  portRange: undefined,
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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

  count(line: string): number {
    return this.lines.filter((one) => one === line).length;
  }
}

/** A {@link WeriftPeer} and a browser, played by bare werift, over loopback. */
export class LoopbackSession {
  readonly journal = new Journal();
  readonly rtcp: Buffer[] = [];
  readonly received: RtpPacket[] = [];
  readonly channels = new Map<string, RTCDataChannel>();
  readonly time = new VirtualTime();
  readonly peer: WeriftPeer;
  readonly browser: RTCPeerConnection;
  #seq = 0;

  /** @param browserCodecs names of the video codecs that the browser has. */
  constructor(options: Partial<PeerOptions> = {}, browserCodecs: readonly string[] = ['VP8']) {
    const { journal } = this;
    this.peer = new WeriftPeer(
      { ...LOOPBACK_OPTIONS, ...options },
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
      bundlePolicy: 'max-bundle',
      codecs: {
        video: browserCodecs.map(
          (name) => new RTCRtpCodecParameters({ mimeType: `video/${name}`, clockRate: 90_000 }),
        ),
        audio: ['opus', 'red'].map(
          (name) =>
            new RTCRtpCodecParameters({
              mimeType: `audio/${name}`,
              clockRate: 48_000,
              channels: 2,
            }),
        ),
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

  /** @param change what signaling does to the descriptions on their way. */
  async connect(
    change = (answer: string): string => answer,
    changeOffer = (offer: string): string => offer,
  ): Promise<void> {
    const { sdp } = await this.peer.createOffer();
    const answer = await this.answer({ type: 'offer', sdp: changeOffer(sdp) });
    await this.peer.acceptAnswer({ type: 'answer', sdp: change(answer.sdp) });
  }

  /** The browser's answer. */
  async answer(offer: SessionDescription): Promise<SessionDescription> {
    await this.browser.setRemoteDescription(offer);
    await this.browser.setLocalDescription(await this.browser.createAnswer());
    return { type: 'answer', sdp: this.browser.localDescription?.sdp ?? '' };
  }

  /** Connects, and waits until both sides are and messages pass. */
  async open(...changes: Parameters<LoopbackSession['connect']>): Promise<void> {
    await this.connect(...changes);
    await this.journal.until('open control');
    this.channels.get('control')?.send('up');
    await this.journal.until('control up');
  }

  /** An RTP packet of the picture as short as can be, with the next sequence number. */
  nextPacket(): Buffer {
    const packet = Buffer.alloc(16);
    packet[0] = 0x80;
    packet[1] = this.peer.video?.codecs[0].payloadType ?? 0;
    this.#seq++;
    packet.writeUInt16BE(this.#seq, 2);
    packet.writeUInt32BE(this.peer.video?.ssrc ?? 0, 8);
    return packet;
  }

  /** Sends packets, a turn of the event loop each, until one sent from now on arrives. */
  async untilMediaArrives(): Promise<void> {
    const first = this.#seq + 1;
    const arrived = (): boolean =>
      this.received.some(({ header }) => header.sequenceNumber >= first);
    while (!arrived()) {
      this.peer.sendRtp(this.nextPacket());
      await turn();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.peer.close(), this.browser.close()]);
  }
}

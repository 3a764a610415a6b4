import { RTCPeerConnection } from 'werift';
import { VIDEO_CODECS } from '../../protocol/stream-settings.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { Peer, PeerListener, PeerOptions, PeerState } from './peer.ts';
import { weriftConfiguration } from './werift-configuration.ts';
import { prepareCertificate, WeriftPeer } from './werift-peer.ts';

const OPTIONS: PeerOptions = {
  codecs: VIDEO_CODECS,
  iceServers: [],
  relayOnly: false,
  loopbackOnly: true,
  extraAddresses: [],
  portRange: undefined,
};

/** After so many the sending of one is compiled code: some 3 ms of work. */
const PACKETS = 100;
const PACKET_BYTES = 1100;

/** Connecting to oneself takes a fraction of this; where loopback is filtered it never ends. */
const GIVE_UP_MS = 3000;

/**
 * Connects to itself once over loopback, so that key generation, handshake, ciphers and sending are compiled
 * and warm before the first player comes. For a spare worker's idle time: about 200 ms of CPU.
 * @returns whether the rehearsal connected; where it did not, nothing is lost but the time.
 */
export async function rehearseConnection(clock: Clock, scheduler: Scheduler): Promise<boolean> {
  await prepareCertificate();
  let report = (_connected: boolean): void => {};
  const outcome = new Promise<boolean>((resolve) => {
    report = resolve;
  });
  const listener: PeerListener = {
    handleState: (state: PeerState) => {
      if (state === 'failed' || state === 'closed') report(false);
    },
    handleLocalCandidate: () => {},
    handleChannelOpen: () => {
      rehearseMedia(worker);
      report(true);
    },
    handleMessage: () => {},
    handleRtcp: () => {},
  };
  const worker = new WeriftPeer(OPTIONS, listener, clock, scheduler);
  const browser = new RTCPeerConnection(weriftConfiguration(OPTIONS));
  const cancel = scheduler.after(GIVE_UP_MS, () => report(false));
  try {
    await browser.setRemoteDescription(await worker.createOffer());
    for (const { connection } of browser.iceTransports) delete connection.stunServer;
    await browser.setLocalDescription(await browser.createAnswer());
    const sdp = browser.localDescription?.sdp ?? '';
    await worker.acceptAnswer({ type: 'answer', sdp });
    return await outcome;
  } catch {
    // Only a rehearsal: the real connection will say what is wrong.
    return false;
  } finally {
    cancel();
    await Promise.all([worker.close(), browser.close()]);
  }
}

/** Sends packets that nobody plays. */
function rehearseMedia(peer: Peer): void {
  const packet = Buffer.alloc(PACKET_BYTES);
  packet[0] = 0x80;
  packet.writeUInt32BE(peer.video?.ssrc ?? 0, 8);
  for (let seq = 0; seq < PACKETS; seq++) {
    packet.writeUInt16BE(seq, 2);
    peer.sendRtp(packet);
  }
}

import { describe, expect, it } from 'vitest';
import { ImpairedLink } from '../../../gate/network/link.ts';
import { PROFILES, type Profile, roundTripMs } from '../../../gate/network/profiles.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { GoogleCongestionControl } from '../../../server/transport/congestion/google-congestion-control.ts';
import { MediaSender } from '../../../server/transport/media-sender.ts';
import { FAKE_STREAMS, FakePeer } from '../../support/fake-peer.ts';
import { SimulatedReceiver } from '../../support/simulated-receiver.ts';
import { FEC } from './media-sender-rig.ts';

const RATE_BPS = 6e6;
const FRAME_MS = 1000 / 60;
const SETTLE_MS = 3000;
const MEASURED_MS = 12_000;

class LinkedPeer extends FakePeer {
  #deliver: (packet: Buffer) => void = () => {};

  carry(deliver: (packet: Buffer) => void): void {
    this.#deliver = deliver;
  }

  override sendRtp(packet: Uint8Array): void {
    this.#deliver(Buffer.from(packet));
  }
}

/** How long each picture takes from the game to the decoder, milliseconds. */
function picturesOver(profile: Profile, fec: typeof FEC | undefined): number[] {
  const time = new VirtualTime(1_000_000);
  const down = new ImpairedLink(profile.down, 1, time, time);
  const up = new ImpairedLink(profile.up, 2, time, time);
  const peer = new LinkedPeer({ ...FAKE_STREAMS, video: { ...FAKE_STREAMS.video, fec } });
  let bitrateBps = RATE_BPS;
  let keyframe = true;
  const sender = new MediaSender(
    {
      peer,
      congestion: new GoogleCongestionControl({ startBitrateBps: RATE_BPS, ceilingBps: RATE_BPS }),
      clock: time,
      scheduler: time,
      random: () => 0,
      cname: 'test',
      playoutDelayMs: [0, 0],
      frameRate: 60,
    },
    {
      handleKeyframeRequest: () => {
        keyframe = true;
      },
      handleVideoBitrate: (bps) => {
        bitrateBps = bps;
      },
      handleFrameSent: () => {},
    },
  );
  const tickUs = new Map<number, number>();
  const waysMs: number[] = [];
  const receiver = new SimulatedReceiver(
    time,
    {
      videoSsrc: FAKE_STREAMS.video.ssrc,
      rtxSsrc: FAKE_STREAMS.video.rtxSsrc,
      fecSsrc: FEC.ssrc,
      transportSeqId: 4,
    },
    (rtcp) => up.send(rtcp, (compound) => sender.handleRtcp(compound)),
    (timestamp) => {
      const madeUs = tickUs.get(timestamp);
      if (madeUs === undefined) throw new Error('a picture that was never sent');
      if (madeUs > SETTLE_MS * 1000) waysMs.push((time.nowUs() - madeUs) / 1000);
    },
  );
  peer.carry((packet) => down.send(packet, (arrived) => receiver.handleRtp(Buffer.from(arrived))));
  sender.start();
  sender.setCeiling(RATE_BPS);
  let frameNumber = 0;
  const frame = (): void => {
    time.after(FRAME_MS, frame);
    if (!sender.acceptsVideo) return;
    const nowUs = time.nowUs();
    const data = new Uint8Array(Math.round((bitrateBps * FRAME_MS) / 8000)).fill(7);
    data.set([0, 0, 1, 0x65]);
    const rtpTimestamp = Math.round(nowUs * 0.09);
    tickUs.set(rtpTimestamp, nowUs);
    sender.sendVideo({
      data,
      codec: 'h264',
      keyframe,
      quantizer: undefined,
      width: 640,
      height: 360,
      rtpTimestamp,
      frameNumber: ++frameNumber,
      inputSeq: 0,
      inputReceivedUs: 0,
      tickUs: nowUs,
      renderedUs: nowUs,
      encodedUs: nowUs,
    });
    keyframe = false;
  };
  frame();
  time.advance(SETTLE_MS + MEASURED_MS);
  sender.close();
  return waysMs;
}

function profileCalled(name: string): Profile {
  const profile = PROFILES.get(name);
  if (!profile) throw new Error(`no profile ${name}`);
  return profile;
}

describe('A MediaSender on a path that loses packets', () => {
  it('lets hardly a picture wait for a retransmission where one packet in 500 is lost', () => {
    const cable = profileCalled('cable');
    const waiting = (waysMs: readonly number[]): number =>
      waysMs.filter((ms) => ms > roundTripMs(cable)).length / waysMs.length;
    // The control: without error correction they do wait.
    expect(waiting(picturesOver(cable, undefined))).toBeGreaterThan(0.03);
    expect(waiting(picturesOver(cable, FEC))).toBeLessThan(0.01);
  });

  it('goes on showing pictures where bursts of losses meet media and feedback alike', () => {
    const waysMs = picturesOver(profileCalled('lossy'), FEC);
    const late = waysMs.filter((ms) => ms > 250).length;
    expect(waysMs.length).toBeGreaterThan(0.8 * (MEASURED_MS / FRAME_MS));
    expect(late / waysMs.length).toBeLessThan(0.03);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { parseRtp } from './depacketizers.ts';
import {
  AUDIO,
  FEC,
  MediaSenderRig,
  nack,
  parsed,
  pli,
  RTX,
  transportSeq,
  VIDEO,
  VP8,
  words,
} from './media-sender-rig.ts';

const TRANSPORT_SEQ = 4;

describe('The repair of a MediaSender', () => {
  let rig = new MediaSenderRig();
  beforeEach(() => {
    rig = new MediaSenderRig();
  });

  it('answers a NACK with the packet in the retransmission stream (RFC 4588)', () => {
    const { peer, sender } = rig.start(undefined, 0.99999);
    sender.sendVideo(rig.video(3000));
    const [, original] = parsed(peer);
    sender.handleRtcp(nack(original?.seq ?? -1));
    const resent = parseRtp(peer.rtp[3] ?? Buffer.alloc(0));
    expect(resent).toMatchObject({
      ssrc: VIDEO.rtxSsrc,
      payloadType: RTX,
      timestamp: original?.timestamp,
      marker: original?.marker,
    });
    for (const [id, payload] of original?.extensions ?? []) {
      if (id !== TRANSPORT_SEQ) expect(resent.extensions.get(id)).toEqual(payload);
    }
    expect(resent.payload.readUInt16BE(0)).toBe(original?.seq);
    expect(resent.payload.subarray(2)).toEqual(original?.payload);
    expect(rig.keyframes).toBe(0);
  });

  it('numbers retransmissions one after another', () => {
    const { peer, sender } = rig.start();
    sender.sendVideo(rig.video(5000));
    sender.handleRtcp(nack(0, 0b1011));
    const resent = peer.rtp.slice(5).map(parseRtp);
    expect(resent.map(({ payload }) => payload.readUInt16BE(0))).toEqual([0, 1, 2, 4]);
    expect(resent.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expect(sender.counters).toMatchObject({ retransmittedPackets: 4, nackedPackets: 4 });
  });

  it('sends the very same bytes again where retransmission was not negotiated', () => {
    const codecs = [{ codec: 'vp8', payloadType: VP8, rtxPayloadType: undefined }] as const;
    const { peer, sender } = rig.start({ video: { ...VIDEO, codecs } });
    sender.sendVideo(rig.video(100));
    sender.handleRtcp(nack(0));
    expect(peer.rtp[1]).toEqual(peer.rtp[0]);
  });

  it('ignores a NACK for what still waits to be sent, and answers it later', () => {
    const { peer, sender } = rig.start();
    sender.sendVideo(rig.video(60_000));
    const sent = peer.rtp.length;
    expect(sent).toBeLessThan(50);
    sender.handleRtcp(nack(sent + 5));
    rig.time.advance(100);
    expect(parsed(peer).every(({ payloadType }) => payloadType === VP8)).toBe(true);
    expect(rig.keyframes).toBe(0);
    sender.handleRtcp(nack(sent + 5));
    expect(parsed(peer).at(-1)?.payloadType).toBe(RTX);
  });

  it('asks for a keyframe when the packet has left history, at most every 300 ms', () => {
    const { peer, sender } = rig.start();
    sender.sendVideo(rig.video(100));
    rig.time.advance(2000);
    sender.sendVideo(rig.video(100, false));
    sender.handleRtcp(nack(0));
    expect(rig.keyframes).toBe(1);
    rig.time.advance(299);
    sender.handleRtcp(nack(0));
    expect(rig.keyframes).toBe(1);
    rig.time.advance(1);
    sender.handleRtcp(nack(0));
    expect(rig.keyframes).toBe(2);
    expect(peer.rtp).toHaveLength(2);
    expect(sender.counters.lostForGood).toBe(3);
  });

  it('asks for a keyframe on PLI and FIR of its own video alone', () => {
    const { sender } = rig.start();
    sender.handleRtcp(pli());
    sender.handleRtcp(words(206, 4, [1, 0, VIDEO.ssrc, 0]));
    expect(rig.keyframes).toBe(2);
    sender.handleRtcp(pli(AUDIO.ssrc));
    sender.handleRtcp(nack(0, 0, AUDIO.ssrc));
    expect(rig.keyframes).toBe(2);
  });

  it('adds error correction behind each frame while retransmission is too slow', () => {
    const { peer, sender } = rig.start({ video: { ...VIDEO, fec: FEC } });
    rig.congestion.rttMs = 100;
    rig.congestion.fractionLost = 0.05;
    sender.sendVideo(rig.video(100));
    rig.play(sender, 2, 8000);
    peer.rtp.length = 0;
    sender.sendVideo(rig.video(8000, false));
    const packets = parsed(peer);
    const media = packets.filter(({ ssrc }) => ssrc === VIDEO.ssrc);
    const repair = packets.filter(({ ssrc }) => ssrc === FEC.ssrc);
    expect(media.length).toBeGreaterThan(6);
    expect(repair).toHaveLength(3);
    expect(packets.slice(-3).every(({ ssrc }) => ssrc === FEC.ssrc)).toBe(true);
    const seqs = packets.map(transportSeq);
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
    expect(sender.network.repairFraction).toBeGreaterThan(0.1);
    expect(sender.counters.repairPackets).toBeGreaterThan(100);
    // Its bits are the picture's.
    const [protectedBps] = rig.bitrates.slice(-1);
    rig.congestion.rttMs = 20;
    rig.time.advance(30);
    expect(sender.videoBitrateBps).toBeGreaterThan((protectedBps ?? 0) * 1.15);
  });

  it('repeats with the next frame what it has sent again, while retransmission is slow', () => {
    const { peer, sender } = rig.start({ video: { ...VIDEO, fec: FEC } });
    sender.sendVideo(rig.video(2000));
    sender.handleRtcp(nack(0));
    sender.sendVideo(rig.video(2000, false));
    expect(sender.counters.repairPackets).toBe(0);
    rig.congestion.rttMs = 100;
    rig.congestion.fractionLost = 0.05;
    rig.play(sender, 1, 2000);
    const lost = parsed(peer).findLast(({ ssrc }) => ssrc === VIDEO.ssrc);
    sender.handleRtcp(nack(lost?.seq ?? -1));
    peer.rtp.length = 0;
    sender.sendVideo(rig.video(2000, false));
    const repairs = parsed(peer).filter(({ ssrc }) => ssrc === FEC.ssrc);
    expect(repairs).toHaveLength(2);
    // One for the frame, and one for the single packet, at its number (SN base of FlexFEC-03).
    expect(repairs[1]?.payload.readUInt16BE(16)).toBe(lost?.seq);
    const before = sender.counters.repairPackets;
    sender.sendVideo(rig.video(2000, false));
    expect(sender.counters.repairPackets - before).toBe(1);
  });

  it('keeps a repair packet within what a path carries', () => {
    const { peer, sender } = rig.start({ video: { ...VIDEO, fec: FEC } });
    rig.congestion.rttMs = 100;
    rig.congestion.fractionLost = 0.05;
    sender.sendVideo(rig.video(100));
    rig.play(sender, 2, 9000);
    const longest = Math.max(...peer.rtp.slice(-200).map(({ length }) => length));
    expect(longest).toBeLessThanOrEqual(1130);
  });
});

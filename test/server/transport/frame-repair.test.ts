import { describe, expect, it } from 'vitest';
import { FlexfecEncoder } from '../../../server/transport/flexfec-encoder.ts';
import { FrameRepair } from '../../../server/transport/frame-repair.ts';
import { LossProtection } from '../../../server/transport/loss-protection.ts';
import { RtpHeaderTemplate, setRtpSequence } from '../../../server/transport/rtp-packet.ts';
import { parseRepair } from './flexfec-decoder.ts';

const FRAME_PACKETS = 9;
const FRAME_US = 16_667;

/** What a path that loses 5 % of all packets, in runs of so many, has taught. */
function protectionAfter(runPackets: number): LossProtection {
  const protection = new LossProtection(60);
  const packets = Array.from({ length: 20 * runPackets }, (_, seq) => ({
    seq,
    sentUs: 0,
    bytes: 1200,
    receivedUs: seq < runPackets ? undefined : seq,
    probeId: undefined,
  }));
  for (let nowUs = 0; nowUs < 10e6; nowUs += 20_000) {
    protection.handleReport({ atUs: nowUs, packets, inFlightBytes: 0 });
    protection.update(0.05, 100, nowUs);
  }
  return protection;
}

class Frames {
  readonly repair: FrameRepair;
  readonly #template = new RtpHeaderTemplate(0x11, 98, [], undefined);
  readonly #fec = new FlexfecEncoder({
    ssrc: 0x22,
    payloadType: 49,
    protectedSsrc: 0x11,
    mid: '0',
    extensions: new Map(),
    firstSeq: 0,
  });
  #seq = 0;
  #nowUs = 0;

  constructor(runPackets: number) {
    this.repair = new FrameRepair(protectionAfter(runPackets));
  }

  /** @returns the number of the frame's first packet, and those that what follows it repairs. */
  next(packets = FRAME_PACKETS): { first: number; repaired: number[] } {
    const first = this.#seq;
    const media = Array.from({ length: packets }, () => {
      const packet = this.#template.createPacket(1000, 0, false);
      setRtpSequence(packet, this.#seq++);
      return packet;
    });
    this.#nowUs += FRAME_US;
    const sent = this.repair.protect(this.#fec, media, 0, this.#nowUs);
    return { first, repaired: repairedBy(sent) };
  }
}

function repairedBy(repair: readonly Buffer[]): number[] {
  return repair.flatMap((packet) => parseRepair(packet).protectedSeqs).sort((a, b) => a - b);
}

function packetsFrom(first: number, count = FRAME_PACKETS): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

describe('FrameRepair', () => {
  it('repairs a frame at once where packets are lost one by one', () => {
    const frames = new Frames(1);
    const { first, repaired } = frames.next();
    expect(repaired).toEqual(packetsFrom(first));
  });

  it('keeps what repairs a frame out of the burst that its last packets are lost in', () => {
    const frames = new Frames(4);
    const before = frames.next();
    expect(before.repaired).toEqual([]);
    expect(frames.next().repaired).toEqual(packetsFrom(before.first));
  });

  it('gives out what it holds where no frame comes', () => {
    const frames = new Frames(4);
    const { first } = frames.next();
    expect(frames.repair.takeHeld(FRAME_US - 1)).toEqual([]);
    expect(repairedBy(frames.repair.takeHeld(FRAME_US))).toEqual(packetsFrom(first));
    expect(frames.repair.takeHeld(FRAME_US)).toEqual([]);
    expect(frames.next().repaired).toEqual([]);
  });

  it('repairs nothing whose numbers others have got', () => {
    const frames = new Frames(4);
    frames.next();
    frames.repair.dropHeld();
    expect(frames.next().repaired).toEqual([]);
  });

  it('does not hold back what a browser could not use after another frame', () => {
    const { first, repaired } = new Frames(4).next(100);
    expect(repaired).toEqual(packetsFrom(first, 100));
  });
});

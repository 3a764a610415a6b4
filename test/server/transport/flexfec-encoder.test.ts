import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlexfecEncoder } from '../../../server/transport/flexfec-encoder.ts';
import {
  MID_URI,
  RtpHeaderTemplate,
  setRtpSequence,
  TRANSPORT_CC_URI,
} from '../../../server/transport/rtp-packet.ts';
import { parseRtp } from './depacketizers.ts';
import { parseRepair, recover } from './flexfec-decoder.ts';

const MEDIA_SSRC = 0xdead_beef;
const REPAIR_SSRC = 0xfeed_f00d;
const PLAYOUT_DELAY_ID = 7;

const EXTENSIONS = new Map([
  [MID_URI, 4],
  [TRANSPORT_CC_URI, 3],
]);

const TEMPLATE = new RtpHeaderTemplate(
  MEDIA_SSRC,
  96,
  [
    { id: PLAYOUT_DELAY_ID, payload: Buffer.from([0, 0, 10]) },
    { id: 4, payload: Buffer.from('0') },
  ],
  3,
);

function encoder(extensions: ReadonlyMap<string, number> = EXTENSIONS, firstSeq = 0) {
  const options = { ssrc: REPAIR_SSRC, payloadType: 110, protectedSsrc: MEDIA_SSRC, mid: '0' };
  return new FlexfecEncoder({ ...options, extensions, firstSeq });
}

/** One frame's packets, whose payloads have these sizes. */
function frame(sizes: readonly number[], firstSeq = 0, template = TEMPLATE): Buffer[] {
  return sizes.map((size, i) => {
    const packet = template.createPacket(size, 0x1234_5678, i === sizes.length - 1);
    setRtpSequence(packet, (firstSeq + i) % 0x10000);
    for (let at = template.length; at < packet.length; at++) packet[at] = (at * 7 + i * 13) % 256;
    return packet;
  });
}

const equalFrame = (count: number, firstSeq = 0): Buffer[] =>
  frame(Array<number>(count).fill(40), firstSeq);

/** Loses `length` packets from `start` on and expects every one back as it was protected. */
function expectRecovery(media: readonly Buffer[], repairs: readonly Buffer[], lost: number[]) {
  const received = media.filter((_, i) => !lost.includes(i));
  const recovered = recover(received, repairs);
  for (const index of lost) {
    const packet = media[index];
    expect(packet && recovered.get(packet.readUInt16BE(2))).toEqual(packet);
  }
}

const range = (start: number, length: number): number[] =>
  Array.from({ length }, (_, i) => start + i);

describe('FlexfecEncoder', () => {
  it('gives back any burst no longer than the number of repair packets, byte for byte', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 1100 }), { minLength: 1, maxLength: 109 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 0xffff }),
        fc.nat(),
        fc.nat(),
        (payloadSizes, repairCount, firstSeq, where, many) => {
          const media = frame(payloadSizes, firstSeq);
          const repairs = encoder().encode(media, repairCount, 0);
          expect(repairs).toHaveLength(Math.min(repairCount, media.length));
          const burst = 1 + (many % repairs.length);
          expectRecovery(media, repairs, range(where % (media.length - burst + 1), burst));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives back each single packet of frames around the limits of the masks', () => {
    for (const count of [1, 2, 15, 16, 46, 47, 108, 109]) {
      const media = equalFrame(count, 65_530);
      const repairs = encoder().encode(media, 1, 0);
      expect(repairs).toHaveLength(1);
      for (const index of range(0, count)) expectRecovery(media, repairs, [index]);
    }
  });

  it('uses the shortest mask that reaches the last protected packet', () => {
    const headerBytes = (count: number): number | undefined =>
      encoder()
        .encode(equalFrame(count), 1, 0)
        .map((repair) => parseRepair(repair).header.length)[0];
    expect([15, 16, 46, 47, 109].map(headerBytes)).toEqual([20, 24, 24, 32, 32]);
  });

  it('protects each packet exactly once, neighbours by different repair packets', () => {
    const repairs = encoder().encode(equalFrame(10), 3, 0).map(parseRepair);
    expect(repairs.map(({ protectedSeqs }) => protectedSeqs)).toEqual([
      [0, 3, 6, 9],
      [1, 4, 7],
      [2, 5, 8],
    ]);
    for (const { protectedSsrc } of repairs) expect(protectedSsrc).toBe(MEDIA_SSRC);
  });

  it('cuts a frame of more than 109 packets into groups that share the repair packets', () => {
    const media = equalFrame(250, 65_500);
    const repairs = encoder().encode(media, 8, 0);
    expect(repairs).toHaveLength(8);
    const seqs = repairs.flatMap((repair) => parseRepair(repair).protectedSeqs);
    expect([...seqs].sort((a, b) => a - b)).toEqual(
      media.map((packet) => packet.readUInt16BE(2)).sort((a, b) => a - b),
    );
    // Two of eight repair packets are the least that one of three groups gets.
    for (const start of range(0, 249)) expectRecovery(media, repairs, range(start, 2));
  });

  it('makes no more repair packets than media packets, and none of nothing', () => {
    expect(encoder().encode(equalFrame(3), 9, 0)).toHaveLength(3);
    expect(encoder().encode(equalFrame(100), 99, 0)).toHaveLength(48);
    expect(encoder().encode(equalFrame(3), 0, 0)).toEqual([]);
    expect(encoder().encode([], 2, 0)).toEqual([]);
  });

  it('makes complete RTP packets, numbered without a gap over calls and the wrap', () => {
    const fec = encoder(EXTENSIONS, 65_534);
    const repairs = [...fec.encode(equalFrame(4), 2, 1000), ...fec.encode(equalFrame(4), 2, 2000)];
    expect(repairs.map(parseRtp)).toMatchObject([
      { seq: 65_534, timestamp: 1000 },
      { seq: 65_535, timestamp: 1000 },
      { seq: 0, timestamp: 2000 },
      { seq: 1, timestamp: 2000 },
    ]);
    for (const repair of repairs.map(parseRtp)) {
      expect(repair).toMatchObject({ marker: false, payloadType: 110, ssrc: REPAIR_SSRC });
      expect(repair.extensions.get(4)).toEqual(Buffer.from('0'));
    }
  });

  it('is as large as the largest packet of its group and its overhead at most', () => {
    const fec = encoder();
    const sizes = fec.encode(frame([10, 900, 20, 30, 500]), 2, 0).map(({ length }) => length);
    const least = fec.overheadBytes - 12;
    expect(sizes).toEqual([TEMPLATE.length + 500 + least, TEMPLATE.length + 900 + least]);
    const [widest] = fec.encode(equalFrame(109), 1, 0);
    expect(widest).toHaveLength(TEMPLATE.length + 40 + fec.overheadBytes);
  });

  it('stamps the transport-wide sequence number of its own packets in place', () => {
    const fec = encoder();
    const [repair] = fec.encode(equalFrame(2), 1, 0);
    if (!repair) throw new Error('no repair packet');
    const before = parseRtp(repair).payload;
    fec.stampTransportSeq(repair, 0xabcd);
    expect(fec.carriesTransportSeq).toBe(true);
    expect(parseRtp(repair).extensions.get(3)).toEqual(Buffer.from([0xab, 0xcd]));
    expect(parseRtp(repair).payload).toEqual(before);
  });

  it('protects the transport-wide sequence number as zero, whatever it is', () => {
    const media = frame([100, 200, 300, 400]);
    const unstamped = encoder().encode(media, 2, 0);
    const stamped = media.map((packet, i) => {
      const copy = Buffer.from(packet);
      TEMPLATE.stampTransportSeq(copy, 0xf0f1 + i);
      return copy;
    });
    expect(encoder().encode(stamped, 2, 0)).toEqual(unstamped);
    expectRecovery(media, unstamped, [1, 2]);
  });

  it('protects packets that have no header extension at all', () => {
    const bare = new RtpHeaderTemplate(MEDIA_SSRC, 96, [], undefined);
    const media = frame([100, 77, 300], 5, bare);
    const repairs = encoder(new Map()).encode(media, 1, 0);
    for (const index of [0, 1, 2]) expectRecovery(media, repairs, [index]);
  });

  it('protects packets wherever they lie in memory', () => {
    for (let shift = 0; shift < 4; shift++) {
      const media = frame([101, 50, 302]).map((packet) => {
        const memory = Buffer.alloc(packet.length + shift);
        packet.copy(memory, shift);
        return memory.subarray(shift);
      });
      const repairs = encoder().encode(media, 1, 0);
      for (const index of [0, 1, 2]) expectRecovery(media, repairs, [index]);
    }
  });
});

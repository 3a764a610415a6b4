import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RedPacketizer } from '../../../server/transport/red-packetizer.ts';
import { depacketizeRed, type RedBlock } from './depacketizers.ts';
import { packetize } from './recording-sink.ts';

const OPUS = 111;
const FRAME_SAMPLES = 480;

function send(
  packetizer: RedPacketizer,
  frame: Uint8Array,
  timestamp: number,
  maxPayloadBytes = 1100,
): RedBlock[] {
  const { payloads, markers } = packetize(packetizer, frame, maxPayloadBytes, timestamp);
  expect(markers).toEqual([false]);
  return depacketizeRed(payloads[0] ?? Buffer.alloc(0));
}

const frame = (length: number, fill: number): Buffer => Buffer.alloc(length, fill);

describe('RedPacketizer', () => {
  it('repeats the frame before in each packet, over the wrap of the timestamp', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 1023 }), { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (frames, first) => {
          const packetizer = new RedPacketizer(OPUS);
          for (const [i, data] of frames.entries()) {
            const timestamp = (first + i * FRAME_SAMPLES) % 2 ** 32;
            const before = frames[i - 1];
            const expected = [{ payloadType: OPUS, offset: 0, data: Buffer.from(data) }];
            if (before) {
              expected.unshift({
                payloadType: OPUS,
                offset: FRAME_SAMPLES,
                data: Buffer.from(before),
              });
            }
            expect(send(packetizer, data, timestamp, 2100)).toEqual(expected);
          }
        },
      ),
    );
  });

  it('sends the first frame alone, whatever its timestamp', () => {
    for (const timestamp of [0, FRAME_SAMPLES, 2 ** 32 - 1]) {
      expect(send(new RedPacketizer(OPUS), frame(80, 1), timestamp)).toHaveLength(1);
    }
  });

  it('repeats nothing after a gap or a step back, and goes on with the frame after', () => {
    for (const step of [0, -FRAME_SAMPLES, 5761, 16_384 + FRAME_SAMPLES]) {
      const packetizer = new RedPacketizer(OPUS);
      send(packetizer, frame(80, 1), 100_000);
      expect(send(packetizer, frame(80, 2), 100_000 + step)).toHaveLength(1);
      const next = send(packetizer, frame(80, 3), 100_000 + step + FRAME_SAMPLES);
      expect(next.map(({ data }) => data[0])).toEqual([2, 3]);
    }
  });

  it('repeats a frame of up to 1023 bytes, and no longer one', () => {
    for (const [length, blocks] of [
      [1023, 2],
      [1024, 1],
    ] as const) {
      const packetizer = new RedPacketizer(OPUS);
      send(packetizer, frame(length, 1), 0);
      expect(send(packetizer, frame(20, 2), FRAME_SAMPLES)).toHaveLength(blocks);
    }
  });

  it('leaves the repetition out where the packet has no room for it', () => {
    for (const [maxPayloadBytes, blocks] of [
      [5 + 60 + 40, 2],
      [5 + 60 + 39, 1],
    ] as const) {
      const packetizer = new RedPacketizer(OPUS);
      send(packetizer, frame(60, 1), 0);
      const received = send(packetizer, frame(40, 2), FRAME_SAMPLES, maxPayloadBytes);
      expect(received).toHaveLength(blocks);
      expect(received.at(-1)?.data).toEqual(frame(40, 2));
    }
  });

  it('repeats a frame as it was, though its memory was used again since', () => {
    const packetizer = new RedPacketizer(OPUS);
    const memory = frame(10, 7);
    send(packetizer, memory, 0);
    memory.fill(9);
    expect(send(packetizer, memory, FRAME_SAMPLES)[0]?.data).toEqual(frame(10, 7));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeFrameMessage,
  encodeFrameMessage,
  type FrameMessage,
  type FrameReport,
} from '../../protocol/frame-messages.ts';
import { expectStrictDecoder } from './binary-garbage.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const timeUs = fc.double({ noNaN: true, noDefaultInfinity: true });

const message: fc.Arbitrary<FrameMessage> = fc.oneof(
  fc.record({
    type: fc.constant('frame' as const),
    rtpTimestamp: u32,
    frameNumber: u32,
    inputSeq: u32,
    inputReceivedUs: timeUs,
    tickUs: timeUs,
    renderUs: u32,
    encodeUs: u32,
    sendUs: u32,
    bytes: u32,
    keyframe: fc.boolean(),
  }),
  fc.record({ type: fc.constant('pong' as const), clientUs: timeUs, workerUs: timeUs }),
);

const REPORT: FrameReport = {
  type: 'frame',
  rtpTimestamp: 0xffff_ffff,
  frameNumber: 0xffff_ffff,
  inputSeq: 0,
  inputReceivedUs: 0,
  tickUs: Number.MAX_SAFE_INTEGER,
  renderUs: 0,
  encodeUs: 0xffff_ffff,
  sendUs: 1,
  bytes: 0xffff_ffff,
  keyframe: true,
};

const roundTrip = (value: FrameMessage) => decodeFrameMessage(encodeFrameMessage(value));

describe('frame messages', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(roundTrip(value)).toEqual(value);
      }),
    );
  });

  it('carry the outermost values', () => {
    expect(roundTrip(REPORT)).toEqual(REPORT);
  });

  it('round durations to the microsecond and cut them to 32 bits', () => {
    const sent = { ...REPORT, renderUs: -3, encodeUs: 1e12, sendUs: 1500.6 };
    expect(roundTrip(sent)).toEqual({
      ...REPORT,
      renderUs: 0,
      encodeUs: 0xffff_ffff,
      sendUs: 1501,
    });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['an unknown type', Uint8Array.of(3)],
    ['a pong of a frame length', Uint8Array.of(2, ...Array(45).fill(0))],
    ['a flag of 2', Uint8Array.of(1, ...Array(44).fill(0), 2)],
    ['a time that is not a number', Uint8Array.of(2, 0xff, 0xf0, ...Array(14).fill(0))],
  ])('are refused with %s', (_what, bytes) => {
    expect(() => decodeFrameMessage(bytes)).toThrow(
      expect.objectContaining({ code: 'bad-message' }),
    );
  });

  it('are refused whole or taken exactly, whatever the bytes', () => {
    expectStrictDecoder(decodeFrameMessage, encodeFrameMessage, [0, 1, 16, 17, 45, 46]);
  });
});

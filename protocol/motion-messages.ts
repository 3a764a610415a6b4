import { RockpoolError } from './errors.ts';
import { decodeInput, encodeInput, type InputMessage, MAX_PADS } from './input-messages.ts';

/**
 * What moves, on the `motion` channel: full states on an unreliable channel, so a lost message is
 * made good by the next. `seq` counts up from 1 on each connection; what arrives older than
 * something already applied of the same kind (and pad) is ignored.
 */
export type MotionMessage =
  | {
      readonly type: 'pointer';
      readonly seq: number;
      /** Fraction of the picture, 0 to 65535. */
      readonly x: number;
      readonly y: number;
      /**
       * Relative movement since the connection began, in CSS pixels, modulo 2^32: the receiver
       * takes the difference to the last it saw, so that loss loses no movement.
       */
      readonly sumX: number;
      readonly sumY: number;
    }
  | {
      readonly type: 'pad';
      readonly seq: number;
      readonly pad: number;
      /** Left x, left y, right x, right y: −1 to 1. */
      readonly axes: readonly [number, number, number, number];
      /** Left, right: 0 to 1. */
      readonly triggers: readonly [number, number];
    }
  /** `clientUs` comes back in the pong: the browser's clock in microseconds. */
  | { readonly type: 'ping'; readonly seq: number; readonly clientUs: number }
  /**
   * What was sent on `input` and is not known to have arrived, oldest first and without holes: a lost
   * key then waits for the next of these instead of for SCTP's retransmission timer.
   */
  | { readonly type: 'copies'; readonly seq: number; readonly inputs: readonly InputMessage[] };

/** Copies in one message: what fits a packet, and more than anybody presses in a round trip. */
export const MAX_COPIES = 16;

/*
 * Layout, big-endian: u8 type, u32 seq, then by type
 *   1 pointer  u16 x, u16 y, i32 sumX, i32 sumY
 *   2 pad      u8 pad, 4 × i16 axis (±32767), 2 × u8 trigger (0–255)
 *   3 ping     f64 clientUs
 *   4 copies   u8 count, then for each u16 length and the bytes it had on `input`
 */
const POINTER = 1;
const PAD = 2;
const PING = 3;
const COPIES = 4;
const BYTES: Record<number, number> = { [POINTER]: 17, [PAD]: 16, [PING]: 13 };
const COPIES_HEADER_BYTES = 6;

const AXIS_SCALE = 32_767;
const TRIGGER_SCALE = 255;

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

function encodeCopies(seq: number, inputs: readonly InputMessage[]): Uint8Array<ArrayBuffer> {
  const encoded = inputs.slice(0, MAX_COPIES).map(encodeInput);
  const length = encoded.reduce((sum, bytes) => sum + 2 + bytes.length, COPIES_HEADER_BYTES);
  const message = new Uint8Array(length);
  const view = new DataView(message.buffer);
  view.setUint8(0, COPIES);
  view.setUint32(1, seq);
  view.setUint8(5, encoded.length);
  let at = COPIES_HEADER_BYTES;
  for (const bytes of encoded) {
    view.setUint16(at, bytes.length);
    message.set(bytes, at + 2);
    at += 2 + bytes.length;
  }
  return message;
}

function decodeCopies(bytes: Uint8Array): MotionMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < COPIES_HEADER_BYTES) throw malformed('too few bytes');
  const seq = numbered(view.getUint32(1));
  const count = view.getUint8(5);
  if (count === 0 || count > MAX_COPIES) throw malformed(`1 to ${MAX_COPIES} copies`);
  const inputs: InputMessage[] = [];
  let at = COPIES_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + 2 > bytes.length) throw malformed('a copy is missing');
    const end = at + 2 + view.getUint16(at);
    if (end > bytes.length) throw malformed('a copy is cut short');
    inputs.push(decodeInput(bytes.subarray(at + 2, end)));
    at = end;
  }
  if (at !== bytes.length) throw malformed('more bytes than copies');
  return { type: 'copies', seq, inputs };
}

function numbered(seq: number): number {
  if (seq === 0) throw malformed('sequence numbers start at 1');
  return seq;
}

export function encodeMotion(message: MotionMessage): Uint8Array<ArrayBuffer> {
  if (message.type === 'copies') return encodeCopies(message.seq, message.inputs);
  const type = message.type === 'pointer' ? POINTER : message.type === 'pad' ? PAD : PING;
  const view = new DataView(new ArrayBuffer(BYTES[type] ?? 0));
  view.setUint8(0, type);
  view.setUint32(1, message.seq);
  if (message.type === 'pointer') {
    view.setUint16(5, message.x);
    view.setUint16(7, message.y);
    view.setInt32(9, message.sumX);
    view.setInt32(13, message.sumY);
  } else if (message.type === 'pad') {
    view.setUint8(5, message.pad);
    for (let i = 0; i < 4; i++) {
      const axis = clamp(message.axes[i] ?? 0, -1, 1);
      view.setInt16(6 + 2 * i, Math.round(axis * AXIS_SCALE));
    }
    for (let i = 0; i < 2; i++) {
      const trigger = clamp(message.triggers[i] ?? 0, 0, 1);
      view.setUint8(14 + i, Math.round(trigger * TRIGGER_SCALE));
    }
  } else {
    view.setFloat64(5, message.clientUs);
  }
  return new Uint8Array(view.buffer);
}

function malformed(why: string): RockpoolError {
  return new RockpoolError('bad-message', `motion message: ${why}`);
}

/** @throws RockpoolError `bad-message` on anything that {@link encodeMotion} could not have written. */
export function decodeMotion(bytes: Uint8Array): MotionMessage {
  const type = bytes[0] ?? 0;
  if (type === COPIES) return decodeCopies(bytes);
  const expected = BYTES[type];
  if (expected === undefined) throw malformed(`type ${type} is unknown`);
  if (bytes.length !== expected) throw malformed(`type ${type} has ${expected} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seq = numbered(view.getUint32(1));
  if (type === POINTER) {
    return {
      type: 'pointer',
      seq,
      x: view.getUint16(5),
      y: view.getUint16(7),
      sumX: view.getInt32(9),
      sumY: view.getInt32(13),
    };
  }
  if (type === PING) {
    const clientUs = view.getFloat64(5);
    if (!Number.isFinite(clientUs)) throw malformed('the time is not a number');
    return { type: 'ping', seq, clientUs };
  }
  const pad = view.getUint8(5);
  if (pad >= MAX_PADS) throw malformed(`the pad must be below ${MAX_PADS}`);
  const axis = (i: number) => {
    const value = view.getInt16(6 + 2 * i);
    if (value < -AXIS_SCALE) throw malformed('an axis is out of range');
    return value / AXIS_SCALE;
  };
  return {
    type: 'pad',
    seq,
    pad,
    axes: [axis(0), axis(1), axis(2), axis(3)],
    triggers: [view.getUint8(14) / TRIGGER_SCALE, view.getUint8(15) / TRIGGER_SCALE],
  };
}

import { RockpoolError } from './errors.ts';
import { KEY_CODES, type KeyCode, keyCodeIndex } from './key-codes.ts';

/** Longest text of one `text` message, in UTF-8 bytes. */
export const MAX_TEXT_BYTES = 256;
export const MAX_PADS = 4;
/** Buttons of the W3C standard gamepad layout. */
export const MAX_PAD_BUTTONS = 17;
/** Pointer positions are fractions of the picture, 0 at the left or top and 65535 at the far edge. */
export const POINTER_MAX = 65_535;

/**
 * What happened on the `input` channel: edges that must never be lost. `seq` counts up by one from
 * 1 over the whole session (it goes on over a reconnect); frame reports name the last one applied.
 */
export type InputMessage =
  | { readonly type: 'key'; readonly seq: number; readonly down: boolean; readonly code: KeyCode }
  | {
      readonly type: 'button';
      readonly seq: number;
      readonly down: boolean;
      /** `MouseEvent.button`, 0 to 7. */
      readonly button: number;
      readonly x: number;
      readonly y: number;
    }
  | { readonly type: 'wheel'; readonly seq: number; readonly dx: number; readonly dy: number }
  | { readonly type: 'text'; readonly seq: number; readonly text: string }
  /** Focus, tab or pad input is gone: every held key and button is released. */
  | { readonly type: 'release-all'; readonly seq: number }
  | { readonly type: 'pad-connected'; readonly seq: number; readonly pad: number }
  | { readonly type: 'pad-disconnected'; readonly seq: number; readonly pad: number }
  | {
      readonly type: 'pad-button';
      readonly seq: number;
      readonly pad: number;
      /** Index in the W3C standard gamepad layout. */
      readonly button: number;
      readonly down: boolean;
    };

/*
 * Layout, big-endian: u8 type, u32 seq, then by type
 *   1 key               u8 down, u8 code
 *   2 button            u8 down, u8 button, u16 x, u16 y
 *   3 wheel             i16 dx, i16 dy (CSS pixels)
 *   4 text              u16 length, UTF-8 bytes
 *   5 release-all       –
 *   6 pad-connected     u8 pad
 *   7 pad-disconnected  u8 pad
 *   8 pad-button        u8 pad, u8 button, u8 down
 */
const HEADER_BYTES = 5;
const KEY = 1;
const BUTTON = 2;
const WHEEL = 3;
const TEXT = 4;
const RELEASE_ALL = 5;
const PAD_CONNECTED = 6;
const PAD_DISCONNECTED = 7;
const PAD_BUTTON = 8;

const utf8 = new TextEncoder();
// A byte order mark that a player types or pastes is text like any other.
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function start(type: number, seq: number, payloadBytes: number): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + payloadBytes));
  view.setUint8(0, type);
  view.setUint32(1, seq);
  return view;
}

function write(message: InputMessage): DataView<ArrayBuffer> {
  const { seq } = message;
  switch (message.type) {
    case 'key': {
      const view = start(KEY, seq, 2);
      view.setUint8(5, message.down ? 1 : 0);
      view.setUint8(6, keyCodeIndex(message.code) ?? 0);
      return view;
    }
    case 'button': {
      const view = start(BUTTON, seq, 6);
      view.setUint8(5, message.down ? 1 : 0);
      view.setUint8(6, message.button);
      view.setUint16(7, message.x);
      view.setUint16(9, message.y);
      return view;
    }
    case 'wheel': {
      const view = start(WHEEL, seq, 4);
      view.setInt16(5, message.dx);
      view.setInt16(7, message.dy);
      return view;
    }
    case 'text': {
      const bytes = utf8.encode(message.text);
      if (bytes.length > MAX_TEXT_BYTES) {
        throw new RockpoolError('message-too-large', `Text is limited to ${MAX_TEXT_BYTES} bytes.`);
      }
      const view = start(TEXT, seq, 2 + bytes.length);
      view.setUint16(5, bytes.length);
      new Uint8Array(view.buffer, 7).set(bytes);
      return view;
    }
    case 'release-all':
      return start(RELEASE_ALL, seq, 0);
    case 'pad-connected':
    case 'pad-disconnected': {
      const type = message.type === 'pad-connected' ? PAD_CONNECTED : PAD_DISCONNECTED;
      const view = start(type, seq, 1);
      view.setUint8(5, message.pad);
      return view;
    }
    case 'pad-button': {
      const view = start(PAD_BUTTON, seq, 3);
      view.setUint8(5, message.pad);
      view.setUint8(6, message.button);
      view.setUint8(7, message.down ? 1 : 0);
      return view;
    }
  }
}

/** @throws RockpoolError `message-too-large` for a text of more than {@link MAX_TEXT_BYTES}. */
export function encodeInput(message: InputMessage): Uint8Array<ArrayBuffer> {
  return new Uint8Array(write(message).buffer);
}

function malformed(why: string): RockpoolError {
  return new RockpoolError('bad-message', `input message: ${why}`);
}

function flag(value: number): boolean {
  if (value > 1) throw malformed('a flag must be 0 or 1');
  return value === 1;
}

function below(value: number, limit: number, what: string): number {
  if (value >= limit) throw malformed(`${what} must be below ${limit}`);
  return value;
}

const PAYLOAD_BYTES: Record<number, number> = {
  [KEY]: 2,
  [BUTTON]: 6,
  [WHEEL]: 4,
  [RELEASE_ALL]: 0,
  [PAD_CONNECTED]: 1,
  [PAD_DISCONNECTED]: 1,
  [PAD_BUTTON]: 3,
};

/** @throws RockpoolError `bad-message` on anything that {@link encodeInput} could not have written. */
export function decodeInput(bytes: Uint8Array): InputMessage {
  if (bytes.length < HEADER_BYTES) throw malformed(`${bytes.length} bytes are too few`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint8(0);
  const seq = view.getUint32(1);
  if (seq === 0) throw malformed('sequence numbers start at 1');
  const payloadBytes = bytes.length - HEADER_BYTES;
  if (type === TEXT) return decodeText(view, bytes, seq);
  const expected = PAYLOAD_BYTES[type];
  if (expected === undefined) throw malformed(`type ${type} is unknown`);
  if (payloadBytes !== expected) throw malformed(`type ${type} has ${expected} payload bytes`);
  switch (type) {
    case KEY: {
      const code = KEY_CODES[view.getUint8(6)];
      if (code === undefined) throw malformed('the key code is unknown');
      return { type: 'key', seq, down: flag(view.getUint8(5)), code };
    }
    case BUTTON:
      return {
        type: 'button',
        seq,
        down: flag(view.getUint8(5)),
        button: below(view.getUint8(6), 8, 'the button'),
        x: view.getUint16(7),
        y: view.getUint16(9),
      };
    case WHEEL:
      return { type: 'wheel', seq, dx: view.getInt16(5), dy: view.getInt16(7) };
    case PAD_CONNECTED:
      return { type: 'pad-connected', seq, pad: below(view.getUint8(5), MAX_PADS, 'the pad') };
    case PAD_DISCONNECTED:
      return { type: 'pad-disconnected', seq, pad: below(view.getUint8(5), MAX_PADS, 'the pad') };
    case PAD_BUTTON:
      return {
        type: 'pad-button',
        seq,
        pad: below(view.getUint8(5), MAX_PADS, 'the pad'),
        button: below(view.getUint8(6), MAX_PAD_BUTTONS, 'the button'),
        down: flag(view.getUint8(7)),
      };
    default:
      return { type: 'release-all', seq };
  }
}

function decodeText(view: DataView, bytes: Uint8Array, seq: number): InputMessage {
  if (bytes.length < HEADER_BYTES + 2) throw malformed('the text has no length');
  const length = view.getUint16(5);
  if (length > MAX_TEXT_BYTES) throw malformed(`text is limited to ${MAX_TEXT_BYTES} bytes`);
  if (bytes.length !== HEADER_BYTES + 2 + length) throw malformed('the text has another length');
  try {
    return { type: 'text', seq, text: utf8Decoder.decode(bytes.subarray(HEADER_BYTES + 2)) };
  } catch (cause) {
    throw new RockpoolError('bad-message', 'input message: the text is not UTF-8', { cause });
  }
}

/**
 * Numbers and layouts of linux/uinput.h and linux/input.h as 64-bit little-endian machines have them
 * (x86-64, arm64), checked against the C compiler's.
 */

/** `UI_GET_VERSION`; {@link UI_DEV_SETUP} came with version 5 (Linux 4.5). */
export const UI_GET_VERSION = 0x8004_552d;
export const UI_SET_EVBIT = 0x4004_5564;
export const UI_SET_KEYBIT = 0x4004_5565;
export const UI_SET_ABSBIT = 0x4004_5567;
export const UI_SET_FFBIT = 0x4004_556b;
export const UI_DEV_SETUP = 0x405c_5503;
export const UI_ABS_SETUP = 0x401c_5504;
export const UI_DEV_CREATE = 0x5501;
/** With room for 64 bytes. */
export const UI_GET_SYSNAME = 0x8040_552c;
export const SYSNAME_BYTES = 64;
export const UI_BEGIN_FF_UPLOAD = 0xc068_55c8;
export const UI_END_FF_UPLOAD = 0x4068_55c9;
export const UI_BEGIN_FF_ERASE = 0xc00c_55ca;
export const UI_END_FF_ERASE = 0x400c_55cb;

export const EV_SYN = 0x00;
export const EV_KEY = 0x01;
export const EV_ABS = 0x03;
export const EV_FF = 0x15;
/** The kernel asks for an effect to be taken or dropped; the value is the request's number. */
export const EV_UINPUT = 0x0101;
export const UI_FF_UPLOAD = 1;
export const UI_FF_ERASE = 2;
export const FF_RUMBLE = 0x50;
export const FF_GAIN = 0x60;

const BUS_USB = 3;
const NAME_BYTES = 80;

/** `struct input_event`: 16 bytes of time, which the kernel fills in, u16 type, u16 code, i32 value. */
export const EVENT_BYTES = 24;
const EVENT_AT = 16;

export interface InputEvent {
  readonly type: number;
  readonly code: number;
  readonly value: number;
}

export function packEvents(events: readonly InputEvent[]): Uint8Array {
  const bytes = Buffer.alloc(events.length * EVENT_BYTES);
  for (const [index, { type, code, value }] of events.entries()) {
    const at = index * EVENT_BYTES + EVENT_AT;
    bytes.writeUInt16LE(type, at);
    bytes.writeUInt16LE(code, at + 2);
    bytes.writeInt32LE(value, at + 4);
  }
  return bytes;
}

/** The kernel hands out whole events only. */
export function unpackEvents(bytes: Uint8Array): InputEvent[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: InputEvent[] = [];
  for (let at = EVENT_AT; at + 8 <= view.length; at += EVENT_BYTES) {
    events.push({
      type: view.readUInt16LE(at),
      code: view.readUInt16LE(at + 2),
      value: view.readInt32LE(at + 4),
    });
  }
  return events;
}

export interface DeviceIdentity {
  readonly vendor: number;
  readonly product: number;
  readonly version: number;
  /** ASCII, 79 characters at most. */
  readonly name: string;
  /** How many force-feedback effects it remembers. */
  readonly effects: number;
}

/** `struct uinput_setup`. */
export function packSetup(identity: DeviceIdentity): Uint8Array {
  const bytes = Buffer.alloc(8 + NAME_BYTES + 4);
  bytes.writeUInt16LE(BUS_USB, 0);
  bytes.writeUInt16LE(identity.vendor, 2);
  bytes.writeUInt16LE(identity.product, 4);
  bytes.writeUInt16LE(identity.version, 6);
  bytes.write(identity.name.slice(0, NAME_BYTES - 1), 8, 'latin1');
  bytes.writeUInt32LE(identity.effects, 8 + NAME_BYTES);
  return bytes;
}

export interface AbsoluteAxis {
  readonly code: number;
  readonly min: number;
  readonly max: number;
  /** Changes smaller than this are noise. */
  readonly fuzz: number;
  /** Around the middle, this much is the middle. */
  readonly flat: number;
}

/** `struct uinput_abs_setup`. */
export function packAxis({ code, min, max, fuzz, flat }: AbsoluteAxis): Uint8Array {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(code, 0);
  bytes.writeInt32LE(min, 8);
  bytes.writeInt32LE(max, 12);
  bytes.writeInt32LE(fuzz, 16);
  bytes.writeInt32LE(flat, 20);
  return bytes;
}

/** `struct uinput_ff_upload` with nothing but the number of the request. */
export function packUpload(request: number): Buffer {
  const bytes = Buffer.alloc(104);
  bytes.writeUInt32LE(request, 0);
  return bytes;
}

export interface UploadedEffect {
  readonly id: number;
  readonly type: number;
  /** 0 plays until it is stopped. */
  readonly lengthMs: number;
  /** Of a rumble effect, 0 to 65535. */
  readonly strong: number;
  readonly weak: number;
}

export function unpackUpload(bytes: Uint8Array): UploadedEffect {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    type: view.readUInt16LE(8),
    id: view.readInt16LE(10),
    lengthMs: view.readUInt16LE(18),
    strong: view.readUInt16LE(24),
    weak: view.readUInt16LE(26),
  };
}

/** `struct uinput_ff_erase` with nothing but the number of the request. */
export function packErase(request: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(request, 0);
  return bytes;
}

export function unpackErasedId(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32LE(8);
}

import type { AVPixelFormat } from 'node-av/constants';
import { Frame } from 'node-av/lib';
import type { Resolution } from '../../protocol/stream-settings.ts';
import { expectSuccess } from './libav-error.ts';

/** A Buffer over the same memory: libav's binding takes nothing else. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A frame to point at pixels with `fromBuffer`, which copies nothing: the planes then lie in that
 * buffer, so it must stay referenced and unchanged while a native call reads or writes the frame.
 * The frame's own buffer is what makes libav count references to it rather than copy it.
 */
export function createFrame(format: AVPixelFormat, { width, height }: Resolution): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  try {
    expectSuccess(frame.getBuffer(), 'Allocating a frame');
  } catch (error) {
    frame.free();
    throw error;
  }
  return frame;
}

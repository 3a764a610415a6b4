import { z } from 'zod';

/** Binary of 1 to `maxBytes` bytes. */
export function bytesSchema(maxBytes: number): z.ZodType<Uint8Array> {
  return z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.byteLength > 0 && value.byteLength <= maxBytes,
    `binary of 1 to ${maxBytes} bytes`,
  );
}

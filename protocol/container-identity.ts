import { z } from 'zod';
import { joinRequestSchema } from './container-messages.ts';
import { type ContainerId, containerIdSchema } from './ids.ts';

/** The number of a socket of socket.io, which signaling draws anew for each connection. */
const MAX_SOCKET_ID_CHARS = 64;

/**
 * What a container signs when it joins: what it has, and for which connection it says so. A statement
 * that somebody kept is of no use on another one.
 */
export const joinStatementSchema = joinRequestSchema.extend({
  socketId: z.string().min(1).max(MAX_SOCKET_ID_CHARS),
});
export type JoinStatement = z.infer<typeof joinStatementSchema>;

/**
 * The id of the container that has a key: the SHA-256 fingerprint of the key's text, as far as it
 * fits into a UUID of version 8 (RFC 9562 §5.8). Nobody else can have it without the private key.
 * @param publicKey as in `publicKeySchema`.
 */
export async function containerIdOf(publicKey: string): Promise<ContainerId> {
  const text = new TextEncoder().encode(publicKey);
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', text)).subarray(0, 16);
  const [version = 0, variant = 0] = [bytes[6], bytes[8]];
  bytes[6] = (version & 0x0f) | 0x80;
  bytes[8] = (variant & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return containerIdSchema.parse(
    hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  );
}

import { z } from 'zod';

/** Of some content, in hexadecimal. */
export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a SHA-256 as 64 hexadecimal digits');

const HEADER = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

/** The value of a `Content-Digest` header (RFC 9530 §2) for a SHA-256 in hexadecimal. */
export function contentDigest(sha256: string): string {
  const bytes = sha256.match(/../g) ?? [];
  const text = String.fromCharCode(...bytes.map((digits) => Number.parseInt(digits, 16)));
  return `sha-256=:${btoa(text)}:`;
}

/** The SHA-256, in hexadecimal, of a `Content-Digest` header that names this alone; else undefined. */
export function readContentDigest(header: string | null | undefined): string | undefined {
  const [, base64] = HEADER.exec(header ?? '') ?? [];
  if (base64 === undefined) return undefined;
  return [...atob(base64)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

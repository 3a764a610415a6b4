import { z } from 'zod';
import { publicKeySchema } from './container-messages.ts';
import { containerIdSchema } from './ids.ts';

/** Sets a console token apart from whatever else a container signs (RFC 7519 §4.1.3). */
export const CONSOLE_AUDIENCE = 'rockpool:console';

/** A phone that is lost is shut out within a month; each start of the container prints a new link. */
export const CONSOLE_TOKEN_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/** What a console token says: whoever has it may look after this machine. Times are in seconds. */
export const consoleClaimsSchema = z.strictObject({
  sub: containerIdSchema,
  aud: z.literal(CONSOLE_AUDIENCE),
  iat: z.int().min(0),
  exp: z.int().min(0),
  /** What it is signed with, whose fingerprint `sub` is. */
  key: publicKeySchema,
});
export type ConsoleClaims = z.infer<typeof consoleClaimsSchema>;

/** What a token says of itself, which proves nothing yet; undefined where it is no console token. */
export function readConsoleClaims(token: string): ConsoleClaims | undefined {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token)?.[1];
  if (payload === undefined) return undefined;
  try {
    const text = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    return consoleClaimsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The address that opens a machine's console. The fragment is never sent to a server. */
export function consoleLink(signalingUrl: string, token: string): string {
  const url = new URL('/console', signalingUrl);
  url.hash = token;
  return url.href;
}

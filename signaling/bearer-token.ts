import type { IncomingHttpHeaders } from 'node:http';

/** What an `Authorization: Bearer` header carries (RFC 6750 §2.1); undefined where there is none. */
export function bearerOf({
  authorization,
}: Pick<IncomingHttpHeaders, 'authorization'>): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

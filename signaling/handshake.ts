import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { z } from 'zod';
import { parseMessage, RockpoolError } from '../protocol/errors.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { Metrics } from './metrics.ts';
import { tellable } from './request-edge.ts';

const versionSchema = z.looseObject({ protocol: z.int() });

/**
 * The `auth` of a connecting socket. The version is looked at first, since the hello of another
 * version may have another shape.
 * @param remedy what the other side can do about a version that differs.
 * @throws RockpoolError `protocol-mismatch` or `bad-message`.
 */
export function parseHello<T>(schema: z.ZodType<T>, auth: unknown, remedy: string): T {
  const version = versionSchema.safeParse(auth).data?.protocol;
  if (version !== undefined && version !== PROTOCOL_VERSION) {
    throw new RockpoolError(
      'protocol-mismatch',
      `The server speaks version ${PROTOCOL_VERSION} of the Rockpool protocol, you speak version ${version}. ${remedy}`,
    );
  }
  return parseMessage(schema, auth, 'handshake');
}

/**
 * Whether a web socket may be opened. A browser always names the origin of its page (RFC 6455
 * §10.2), which must be this server's own or a configured one, so that no other site can play in a
 * visitor's name. What names none is no browser: it may connect, but only as a container.
 */
export function isAllowedOrigin(
  { headers: { origin, host } }: Pick<IncomingMessage, 'headers'>,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  // A proxy in front may end TLS, so the scheme says nothing; the host must agree, where a port
  // that is the scheme's default may be written or left out.
  const own = `${page.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === page.host && page.host !== '';
}

/** The error of a refused handshake: socket.io gives the client `message` and `data`. */
function handshakeError(error: RockpoolError): Error {
  return Object.assign(new Error(error.message), { data: error.toWire() });
}

/** What a gate needs of a namespace and its sockets, whatever events they carry. */
interface GatedNamespace<S extends object> {
  use(gate: (socket: S, next: (error?: Error) => void) => void): unknown;
  on(event: 'connection', serve: (socket: S) => void): unknown;
}

/**
 * Lets sockets into a namespace one by one.
 * @param admit what is known of an admitted socket. @throws RockpoolError told to one that is not.
 */
export function gate<S extends object, T>(
  namespace: GatedNamespace<S>,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Logger },
  admit: (socket: S) => Promise<T>,
  serve: (socket: S, admitted: T) => void,
): void {
  const admitted = new WeakMap<S, { readonly value: T }>();
  namespace.use(async (socket, next) => {
    try {
      admitted.set(socket, { value: await admit(socket) });
      next();
    } catch (thrown) {
      const error = tellable(thrown, log);
      metrics.countRejected('handshake', error.code);
      next(handshakeError(error));
    }
  });
  namespace.on('connection', (socket) => {
    const known = admitted.get(socket);
    if (known) serve(socket, known.value);
  });
}

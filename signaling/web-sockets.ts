import type { Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import { MAX_COVER_BYTES, MAX_STATEMENT_CHARS } from '../protocol/container-messages.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { clientAddress } from './client-address.ts';
import type { SignalingConfig } from './config.ts';
import { isAllowedOrigin } from './handshake.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimits } from './rate-limits.ts';
import { tellable } from './request-edge.ts';

/**
 * The biggest messages are a cover, and the statement that a container joins with. A web socket that
 * sends more is hung up on.
 */
const MAX_MESSAGE_BYTES = MAX_COVER_BYTES + MAX_STATEMENT_CHARS;

/**
 * A container whose machine or network died sends no farewell: it is missed within 20 s instead of
 * socket.io's 45, at the price of a few bytes every 10 s.
 */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;

export interface SocketsOptions {
  readonly config: Pick<SignalingConfig, 'origins' | 'publicUrl' | 'proxies'>;
  readonly limits: RateLimits;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Web sockets of players and containers: who comes too often, or from another site's page, gets none. */
export function openSockets(
  http: HttpServer,
  { config, limits, metrics, log }: SocketsOptions,
): Server {
  const origins = [...config.origins, ...(config.publicUrl ? [config.publicUrl] : [])];
  return new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    allowRequest: (request, allow) => {
      const decide = async () => {
        await limits.handshake(clientAddress(request, config.proxies));
        if (!isAllowedOrigin(request, origins)) {
          throw new RockpoolError(
            'forbidden-origin',
            'Pages of other sites may not connect. ROCKPOOL_ORIGINS allows more origins.',
          );
        }
      };
      decide().then(
        () => allow(null, true),
        (thrown) => {
          const error = tellable(thrown, log);
          metrics.countRejected('handshake', error.code);
          allow(error.message, false);
        },
      );
    },
  });
}

import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Namespace, Socket } from 'socket.io';
import { RockpoolError } from '../protocol/errors.ts';
import { type PlayerId, playerIdSchema } from '../protocol/ids.ts';
import {
  type PlayerWelcome,
  playerHelloSchema,
  playerRequests,
  type SignalingToPlayer,
} from '../protocol/player-messages.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { clientAddress } from './client-address.ts';
import { gate, parseHello } from './handshake.ts';
import type { IceOffer } from './ice-offer.ts';
import type { IdentityTokens } from './identity-tokens.ts';
import type { Metrics } from './metrics.ts';
import type { PlayHistory } from './play-history.ts';
import type { RateLimits } from './rate-limits.ts';
import { serveRequests } from './request-edge.ts';
import type { SessionBroker } from './session-broker.ts';
import type { SessionGuests } from './session-guests.ts';
import type { SessionMover } from './session-mover.ts';
import type { PlayerLink } from './session-registry.ts';
import type { WaitingLine } from './waiting-line.ts';

export interface PlayerGatewayOptions {
  readonly broker: SessionBroker;
  readonly mover: SessionMover;
  readonly line: WaitingLine;
  readonly history: PlayHistory;
  readonly guests: SessionGuests;
  readonly tokens: IdentityTokens;
  readonly ice: IceOffer;
  readonly limits: RateLimits;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** In front of this server: see {@link clientAddress}. */
  readonly proxies: number;
}

/** Events are parsed where they come in, so none is typed before. */
type PlayerNamespace = Namespace<Record<string, never>, SignalingToPlayer>;
type PlayerSocket = Socket<Record<string, never>, SignalingToPlayer>;

/** Serves the sockets of players: who they are, then what they ask. */
export function servePlayers(namespace: PlayerNamespace, options: PlayerGatewayOptions): void {
  gate(
    namespace,
    options,
    (socket: PlayerSocket) => greet(socket, options),
    (socket, welcome) => serve(socket, welcome, options),
  );
}

function serve(socket: PlayerSocket, welcome: PlayerWelcome, options: PlayerGatewayOptions): void {
  const { broker, mover, guests, line, history, limits, metrics, log } = options;
  const address = clientAddress(socket.request, options.proxies);
  const player = playerLink(socket, welcome.playerId, address);
  serveRequests(
    socket,
    playerRequests,
    {
      play: (request, answer) => broker.play(player, request, answer),
      choose: (request, answer) => broker.choose(player, request, answer),
      attach: async (request, answer) => {
        await broker.attach(player, request);
        answer({});
      },
      move: (request, answer) => mover.move(player, request, answer),
      leave: (request, answer) => {
        broker.leave(player, request);
        answer({});
      },
      signal: async (signal, answer) => {
        if (guests.isGuest(signal)) await guests.relayFromGuest(player, signal);
        else await broker.relayFromPlayer(player, signal);
        answer({});
      },
      accept: (ticket, answer) => broker.accept(player, ticket, answer),
      'leave-line': ({ ticketId }, answer) => {
        line.leave(player, ticketId);
        answer({});
      },
      quality: ({ sessionId, report }, answer) => {
        history.handleQuality(player.playerId, sessionId, report);
        answer({});
      },
      why: async ({ sessionId }, answer) => {
        answer(await history.decisionOf(player.playerId, sessionId));
      },
      history: async ({ beforeMs }, answer) => {
        answer({ sessions: await history.sessionsOf(player.playerId, beforeMs) });
      },
      share: async (request, answer) => {
        const token = await guests.share(player, request);
        answer(token === undefined ? {} : { token });
      },
      'join-as-guest': (request, answer) => guests.join(player, request, answer),
      'leave-as-guest': async ({ guestId }, answer) => {
        await guests.leave(player, guestId);
        answer({});
      },
    },
    {
      edge: 'player',
      metrics,
      log,
      limit: (event) => limits.playerEvent(socket.id, address, event),
    },
  );
  log.info({ playerId: player.playerId }, 'player connected');
  socket.on('disconnect', (reason) => {
    broker.handlePlayerGone(player);
    guests.handlePlayerGone(player);
    log.info({ playerId: player.playerId, reason }, 'player disconnected');
  });
  socket.emit('welcome', welcome);
}

/** @throws RockpoolError where this socket may not play. */
async function greet(
  { handshake, request }: PlayerSocket,
  { tokens, limits, ice, proxies }: PlayerGatewayOptions,
): Promise<PlayerWelcome> {
  await limits.handshake(clientAddress(request, proxies));
  if (handshake.headers.origin === undefined) {
    throw new RockpoolError(
      'forbidden-origin',
      'Players connect from a page of this server: the request names no origin.',
    );
  }
  const hello = parseHello(playerHelloSchema, handshake.auth, 'Reload the page.');
  const known = hello.token === undefined ? undefined : await tokens.verifyPlayer(hello.token);
  const playerId = known ?? playerIdSchema.parse(randomUUID());
  return {
    protocol: PROTOCOL_VERSION,
    playerId,
    token: await tokens.issuePlayer(playerId),
    ...ice.for(playerId),
  };
}

function playerLink(socket: PlayerSocket, playerId: PlayerId, address: string): PlayerLink {
  return {
    playerId,
    address,
    get connected() {
      return socket.connected;
    },
    signal: (signal) => void socket.emit('signal', signal),
    sessionEnded: (ended) => void socket.emit('session-ended', ended),
    container: (news) => void socket.emit('container', news),
    place: (place) => void socket.emit('place', place),
    offer: (offer) => void socket.emit('offer', offer),
    offerOver: (ticket) => void socket.emit('offer-over', ticket),
  };
}

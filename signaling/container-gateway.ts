import type { Logger } from 'pino';
import type { Namespace } from 'socket.io';
import { containerIdOf } from '../protocol/container-identity.ts';
import {
  containerHelloSchema,
  containerRequests,
  type JoinRequest,
  type SignalingToContainer,
} from '../protocol/container-messages.ts';
import { RockpoolError } from '../protocol/errors.ts';
import type { JoinTokenId } from '../protocol/ids.ts';
import { clientAddress } from './client-address.ts';
import type { KnownContainer } from './container-link.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { CoverStore } from './cover-store.ts';
import { gate, parseHello } from './handshake.ts';
import type { HostedSessions } from './hosted-sessions.ts';
import { readJoinStatement } from './join-statement.ts';
import type { JoinTokens } from './join-tokens.ts';
import type { Metrics } from './metrics.ts';
import type { PoolNodes } from './nodes/pool-nodes.ts';
import type { PlayHistory } from './play-history.ts';
import type { RateLimits } from './rate-limits.ts';
import { serveRequests, tellable } from './request-edge.ts';
import type { SaveDesk } from './save-desk.ts';
import { SaveLink } from './save-link.ts';
import type { SessionGuests } from './session-guests.ts';
import type { ContainerSocket } from './socket-container-link.ts';
import type { Timers } from './timers.ts';

export interface ContainerGatewayOptions {
  readonly hosted: HostedSessions;
  readonly history: PlayHistory;
  readonly guests: SessionGuests;
  readonly containers: ContainerRegistry;
  readonly covers: CoverStore;
  readonly desk: SaveDesk;
  readonly joinTokens: JoinTokens;
  readonly limits: RateLimits;
  readonly metrics: Metrics;
  readonly timers: Timers;
  readonly log: Logger;
  /** Undefined where this node is the only one. */
  readonly nodes: PoolNodes | undefined;
  /** In front of this server: see {@link clientAddress}. */
  readonly proxies: number;
}

type ContainerNamespace = Namespace<Record<string, never>, SignalingToContainer>;

/** Who connects, and the token that lets it in; undefined where that is the one of the configuration. */
interface Admitted {
  readonly hello: KnownContainer;
  readonly tokenId: JoinTokenId | undefined;
}

/** Serves the sockets of containers: a proved join token, then a signed `join`, then all else. */
export function serveContainers(
  namespace: ContainerNamespace,
  options: ContainerGatewayOptions,
): void {
  gate(
    namespace,
    options,
    (socket: ContainerSocket) => admit(socket, options),
    (socket, admitted) => serve(socket, admitted, options),
  );
}

/** @throws RockpoolError where this socket may not join. */
async function admit(
  { handshake, request }: ContainerSocket,
  { joinTokens, limits, proxies }: ContainerGatewayOptions,
): Promise<Admitted> {
  await limits.handshake(clientAddress(request, proxies));
  if (handshake.headers.origin !== undefined) {
    throw new RockpoolError('forbidden-origin', 'A web page cannot join as a container.');
  }
  const hello = parseHello(
    containerHelloSchema,
    handshake.auth,
    'Update the container or the server, so that both run the same release.',
  );
  const tokenId = await joinTokens.check(hello.joinToken);
  const { publicKey, name, region } = hello;
  return {
    hello: { publicKey, name, region, containerId: await containerIdOf(publicKey) },
    tokenId,
  };
}

function serve(
  socket: ContainerSocket,
  { hello, tokenId }: Admitted,
  options: ContainerGatewayOptions,
): void {
  const { hosted, history, guests, containers, covers, desk, joinTokens } = options;
  const { limits, metrics, timers, log } = options;
  const { containerId, name, publicKey } = hello;
  const link = new SaveLink(socket, hello, timers, desk);
  let state: 'connected' | 'joining' | 'joined' = 'connected';
  const mustBeJoined = () => {
    if (state !== 'joined') throw new RockpoolError('unauthorised', 'A container must join first.');
  };
  /** Only now it is proved which machine this is. */
  const letIn = async (token: JoinTokenId) => {
    try {
      await joinTokens.use(token, containerId);
    } catch (thrown) {
      const error = tellable(thrown, log);
      // One that may not join would ask again and again; one whose token could not be looked up, may.
      if (error.code === 'unauthorised') link.refuse(error);
      else socket.disconnect(true);
      throw error;
    }
  };
  serveRequests(
    socket,
    containerRequests,
    {
      join: async ({ statement }, answer) => {
        if (state !== 'connected') {
          throw new RockpoolError('bad-message', 'This connection has joined already.');
        }
        state = 'joining';
        let request: JoinRequest;
        try {
          request = await readJoinStatement(statement, publicKey, socket.id);
        } catch (error) {
          state = 'connected';
          throw error;
        }
        if (tokenId !== undefined) await letIn(tokenId);
        if (!socket.connected) return;
        if (tokenId !== undefined) joinTokens.handleJoined(tokenId, link);
        history.recall(containerId);
        state = 'joined';
        containers.join(link, request);
        history.handleJoined(hello, request);
        hosted.handleContainerJoined(link, request.sessions);
        desk.handleJoined(containerId, request.sessions);
        const { slots, gpu, sessions } = request;
        log.info(
          { containerId, name, slots, gpu: gpu.kind, sessions: sessions.length },
          'container joined',
        );
        answer({});
      },
      load: (load, answer) => {
        mustBeJoined();
        containers.load(link, load);
        answer({});
      },
      'warm-builds': (told, answer) => {
        mustBeJoined();
        containers.handleWarmBuilds(link, told);
        answer({});
      },
      cover: async ({ gameId, webp }, answer) => {
        mustBeJoined();
        if (!containers.hasGame(link, gameId)) {
          throw new RockpoolError('unknown-game', `This container has no game "${gameId}".`);
        }
        if (await covers.put(gameId, webp)) options.nodes?.tellCover(gameId, webp);
        answer({});
      },
      signal: (signal, answer) => {
        mustBeJoined();
        hosted.handleContainerSignal(link, signal);
        answer({});
      },
      'session-state': (change, answer) => {
        mustBeJoined();
        hosted.handleSessionState(link, change);
        answer({});
      },
      'session-ended': (ended, answer) => {
        mustBeJoined();
        hosted.handleSessionEnded(link, ended);
        answer({});
      },
      'guest-signal': (signal, answer) => {
        mustBeJoined();
        guests.handleContainerSignal(link, signal);
        options.nodes?.tellGuestSignal(signal);
        answer({});
      },
      'guest-ended': (ended, answer) => {
        mustBeJoined();
        guests.handleGuestEnded(link, ended);
        options.nodes?.tellGuestEnded(ended);
        answer({});
      },
    },
    {
      edge: 'container',
      metrics,
      log,
      limit: (event) => limits.containerEvent(socket.id, event),
    },
  );
  socket.on('disconnect', (reason) => {
    if (containers.leave(link)) {
      hosted.handleContainerLost(containerId);
      history.handleLeft(hello);
      log.info({ containerId, name, reason }, 'container lost');
    }
    joinTokens.handleLeft(link);
    link.handleDisconnected();
  });
}

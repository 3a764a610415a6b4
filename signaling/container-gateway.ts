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
import type { ContainerRegistry, KnownContainer } from './container-registry.ts';
import type { CoverStore } from './cover-store.ts';
import { gate, parseHello } from './handshake.ts';
import { readJoinStatement } from './join-statement.ts';
import { isJoinToken } from './join-token.ts';
import type { Metrics } from './metrics.ts';
import type { PlayHistory } from './play-history.ts';
import type { RateLimits } from './rate-limits.ts';
import { serveRequests } from './request-edge.ts';
import type { SaveDesk } from './save-desk.ts';
import { SaveLink } from './save-link.ts';
import type { SessionBroker } from './session-broker.ts';
import type { ContainerSocket } from './socket-container-link.ts';
import type { Timers } from './timers.ts';

export interface ContainerGatewayOptions {
  readonly broker: SessionBroker;
  readonly history: PlayHistory;
  readonly containers: ContainerRegistry;
  readonly covers: CoverStore;
  readonly desk: SaveDesk;
  readonly joinToken: string;
  readonly limits: RateLimits;
  readonly metrics: Metrics;
  readonly timers: Timers;
  readonly log: Logger;
}

type ContainerNamespace = Namespace<Record<string, never>, SignalingToContainer>;

/** Serves the sockets of containers: a proved join token, then a signed `join`, then all else. */
export function serveContainers(
  namespace: ContainerNamespace,
  options: ContainerGatewayOptions,
): void {
  gate(
    namespace,
    options,
    (socket: ContainerSocket) => admit(socket, options),
    (socket, hello) => serve(socket, hello, options),
  );
}

/** @throws RockpoolError where this socket may not join. */
async function admit(
  { handshake }: ContainerSocket,
  { joinToken, limits }: ContainerGatewayOptions,
): Promise<KnownContainer> {
  await limits.handshake(handshake.address);
  if (handshake.headers.origin !== undefined) {
    throw new RockpoolError('forbidden-origin', 'A web page cannot join as a container.');
  }
  const hello = parseHello(
    containerHelloSchema,
    handshake.auth,
    'Update the container or the server, so that both run the same release.',
  );
  if (!isJoinToken(hello.joinToken, joinToken)) {
    throw new RockpoolError(
      'unauthorised',
      'The join token is wrong. Set ROCKPOOL_JOIN_TOKEN to the token of the signaling server.',
    );
  }
  return { ...hello, containerId: await containerIdOf(hello.publicKey) };
}

function serve(
  socket: ContainerSocket,
  hello: KnownContainer,
  options: ContainerGatewayOptions,
): void {
  const { broker, history, containers, covers, desk, limits, metrics, timers, log } = options;
  const { containerId, name, publicKey } = hello;
  const link = new SaveLink(socket, hello, timers, desk);
  let state: 'connected' | 'joining' | 'joined' = 'connected';
  const mustBeJoined = () => {
    if (state !== 'joined') throw new RockpoolError('unauthorised', 'A container must join first.');
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
        if (!socket.connected) return;
        history.recall(containerId);
        state = 'joined';
        containers.join(link, request);
        history.handleJoined(hello, request);
        broker.handleContainerJoined(link, request.sessions);
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
      cover: async ({ gameId, webp }, answer) => {
        mustBeJoined();
        if (!containers.hasGame(link, gameId)) {
          throw new RockpoolError('unknown-game', `This container has no game "${gameId}".`);
        }
        await covers.put(gameId, webp);
        answer({});
      },
      signal: (signal, answer) => {
        mustBeJoined();
        broker.handleContainerSignal(link, signal);
        answer({});
      },
      'session-state': (change, answer) => {
        mustBeJoined();
        broker.handleSessionState(link, change);
        answer({});
      },
      'session-ended': (ended, answer) => {
        mustBeJoined();
        broker.handleSessionEnded(link, ended);
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
      broker.handleContainerLost(containerId);
      history.handleLeft(hello);
      log.info({ containerId, name, reason }, 'container lost');
    }
    link.handleDisconnected();
  });
}

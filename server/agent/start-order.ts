import { randomInt } from 'node:crypto';
import type { ResumeRequest } from '../../protocol/container-messages.ts';
import { isDelayed } from '../config.ts';
import type { StartOrder } from '../worker/worker-messages.ts';
import type { GameSessionsOptions } from './game-sessions.ts';
import type { OfferedGame } from './offered-games.ts';
import { portsOfSlot } from './slot-ports.ts';

/** What a session has of its machine. */
export interface SessionPlace {
  readonly slot: number;
  readonly save: Uint8Array | undefined;
  /** Whether its build is on this machine already. */
  readonly isThere: boolean;
}

/** What a worker is told of a session, or of a trial. */
export function startOrder(
  {
    config,
    capabilities,
    room,
    rates,
  }: Pick<GameSessionsOptions, 'config' | 'capabilities' | 'room' | 'rates'>,
  request: ResumeRequest,
  { build, autoResolution }: Pick<OfferedGame, 'build' | 'autoResolution'>,
  { slot, save, isThere }: SessionPlace,
): StartOrder {
  const { sessionId, playerId, gameId, settings, codecs, iceServers } = request;
  const { relayOnly = false } = request;
  const portRange = portsOfSlot(config.udpPorts, room.slots, slot);
  return {
    type: 'start',
    sessionId,
    gameId,
    ...(build && {
      build: {
        folder: build.folder,
        manifest: build.manifest,
        allowed: { network: config.allowNetwork, windowLimitMs: config.windowLimitMs },
      },
    }),
    seed: randomInt(0x1_0000_0000),
    ...(save && { save }),
    encoders: [...capabilities.encoders],
    autoResolution: { ...autoResolution },
    loopbackOnly: config.loopbackOnly ?? false,
    extraAddresses: [...config.publicAddresses],
    ...(portRange && { portRange }),
    knownRates: [...rates.ratesOf(playerId)],
    playoutDelayMs: [...config.playoutDelayMs],
    prepared: !build || (isThere && build.manifest.packages.length === 0),
    maxSpectators: config.maxSpectators,
    ...(isDelayed(config.delays) && { delays: { ...config.delays } }),
    connect: { type: 'connect', attempt: 0, settings, codecs, iceServers, relayOnly },
  };
}

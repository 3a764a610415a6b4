import { gameIdSchema } from '../../protocol/ids.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { Channel } from '../../protocol/studio-builds.ts';
import { PathMemory } from './connection/path-memory.ts';
import { GuestFlow } from './guest-flow.ts';
import type { PlayFlow } from './play-flow.ts';
import type { PlayerEnvironment } from './player-environment.ts';
import type { PlayerProblem } from './player-snapshot.ts';
import type { Resumable } from './resume-store.ts';
import { SessionFlow } from './session-flow.ts';
import type { SessionFlowOptions } from './session-flow-options.ts';

/** What somebody wants to play, and what there is to play it with. */
export interface FlowRequest
  extends Pick<SessionFlowOptions, 'codecs' | 'isHidden' | 'listener' | 'settings' | 'quality'> {
  readonly gameId: string;
  /** Of a link into somebody's game. */
  readonly invite: string | undefined;
  readonly channel: Channel | undefined;
  readonly environment: PlayerEnvironment;
  /** Codecs that this browser can receive at all. */
  readonly received: readonly VideoCodec[];
  /** What an earlier page of this tab has left, once. */
  readonly takeResumable: () => Resumable | undefined;
}

/** Why nothing can be played here, worded for the player. */
export interface Obstacle {
  readonly problem: PlayerProblem;
  readonly message: string;
}

/** Sets out to play as the game's player, or by an invitation as a guest. */
export function openFlow(request: FlowRequest): PlayFlow | Obstacle {
  const { environment, received, gameId: name, invite, channel, takeResumable, ...rest } = request;
  const { openPeer, localStorage } = environment;
  if (!openPeer) {
    return {
      problem: 'no-webrtc',
      message: 'This browser has no WebRTC, or it is switched off.',
    };
  }
  if (received.length === 0) {
    return {
      problem: 'no-common-codec',
      message: 'This browser plays none of AV1, H.265, H.264 and VP8 over WebRTC.',
    };
  }
  const gameId = gameIdSchema.safeParse(name);
  if (!gameId.success) {
    return { problem: 'unknown-game', message: `There is no game named "${name}".` };
  }
  const flow = { ...environment, ...rest, openPeer, storage: localStorage };
  if (invite !== undefined) return new GuestFlow({ ...flow, invite });
  return new SessionFlow({
    ...flow,
    gameId: gameId.data,
    channel,
    paths: new PathMemory({ ...environment, storage: localStorage }),
    resume: takeResumable(),
  });
}

import { effect, type ReadonlySignal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { GameId } from '../../protocol/ids.ts';
import type { Channel } from '../../protocol/studio-builds.ts';
import { Player } from '../player/player.ts';
import { NO_SESSION, type PlayerSnapshot } from '../player/player-snapshot.ts';
import { exposeRockpool } from '../player/rockpool-global.ts';
import type { SettingsStore } from './settings-store.ts';

/** Shown until the player has been made, a moment after the page. */
const BEFORE_START: PlayerSnapshot = {
  ...NO_SESSION,
  state: { name: 'connecting', step: 'signaling' },
};

/** What the link says by which somebody came. */
export interface PlayerLink {
  /** Where it is a visit to another's game. */
  readonly invite?: string | undefined;
  /** Of a studio's game. */
  readonly channel?: Channel | undefined;
}

export interface PlayerHandle {
  readonly stage: RefObject<HTMLDivElement | null>;
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly player: ReadonlySignal<Player | undefined>;
  readonly snapshot: ReadonlySignal<PlayerSnapshot>;
}

/**
 * Starts a player on the elements that carry the handle's refs, keeps it at the chosen settings and
 * volume, and ends its session when the component goes. Reloading the tab does not run that end:
 * such a session waits for its player to come back.
 */
export function usePlayer(
  gameId: GameId,
  settings: SettingsStore,
  { invite, channel }: PlayerLink,
): PlayerHandle {
  const stage = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const player = useSignal<Player | undefined>(undefined);
  const snapshot = useSignal<PlayerSnapshot>(BEFORE_START);

  useEffect(() => {
    if (stage.current === null || video.current === null) return;
    const chosen = settings.current.peek();
    let stream = chosen.stream;
    const started = new Player({
      gameId,
      ...(invite === undefined ? {} : { invite }),
      ...(channel === undefined ? {} : { channel }),
      settings: stream,
      video: video.current,
      inputTarget: stage.current,
      volume: chosen.muted ? 0 : chosen.volume,
    });
    player.value = started;
    const withdraw = exposeRockpool(started);
    const unsubscribe = started.subscribe((next) => {
      snapshot.value = next;
    });
    const stopFollowing = effect(() => {
      const { volume, muted, stream: wanted } = settings.current.value;
      started.setVolume(muted ? 0 : volume);
      if (wanted === stream) return;
      stream = wanted;
      started.changeSettings(wanted);
    });
    void started.play();
    return () => {
      withdraw();
      stopFollowing();
      unsubscribe();
      const { name } = started.snapshot.state;
      if (name === 'ended' || name === 'failed') started.close();
      else void started.leave().finally(() => started.close());
    };
  }, [gameId, settings, invite, channel, player, snapshot]);

  return { stage, video, player, snapshot };
}

import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { GameId } from '../../protocol/ids.ts';
import type { GameLibrary } from './game-library.ts';
import { rememberPlayed } from './last-played.ts';
import { channelOf } from './play-channel.ts';
import { PlaySession } from './play-session.tsx';
import type { SettingsStore } from './settings-store.ts';

export interface PlayPageProps {
  readonly gameId: GameId;
  readonly library: GameLibrary;
  readonly settings: SettingsStore;
}

/** One visit to a game: a session, and after a restart the next one. */
export function PlayPage({ gameId, library, settings }: PlayPageProps) {
  const [attempt, setAttempt] = useState(0);
  const [channel] = useState(() => channelOf(location.search));
  const automatic = useSignal(true);
  const latencyOpen = useSignal(false);

  useEffect(() => {
    rememberPlayed(gameId);
    // For the title and the cover; the game itself does not wait for it.
    if (library.find(gameId) === undefined) void library.refresh();
  }, [gameId, library]);

  return (
    <PlaySession
      key={attempt}
      gameId={gameId}
      channel={channel}
      listing={library.find(gameId)}
      settings={settings}
      automatic={automatic}
      latencyOpen={latencyOpen}
      onRestart={() => setAttempt((before) => before + 1)}
    />
  );
}

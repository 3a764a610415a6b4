import type { GameId } from '../../protocol/ids.ts';
import { LazyPage } from './lazy-page.tsx';
import type { FetchJson } from './polled.ts';

const load = () => import('./game-page.tsx');

export interface GameEntryProps {
  readonly gameId: GameId;
  readonly fetchJson: FetchJson;
}

/** The page of a game. */
export function GameEntry({ gameId, fetchJson }: GameEntryProps) {
  return (
    <LazyPage load={load} failureTitle="This page cannot be loaded">
      {({ GamePage }) => <GamePage gameId={gameId} fetchJson={fetchJson} />}
    </LazyPage>
  );
}

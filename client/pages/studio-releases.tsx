import type { GameTabProps } from './studio-game.tsx';

/** What players get. */
export function StudioReleases(_props: GameTabProps) {
  return null;
}

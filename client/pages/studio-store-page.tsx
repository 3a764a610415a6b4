import type { GameTabProps } from './studio-game.tsx';

/** What players read of it. */
export function StudioStorePage(_props: GameTabProps) {
  return null;
}

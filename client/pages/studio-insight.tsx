import type { GameTabProps } from './studio-game.tsx';

/** How it performs. */
export function StudioInsight(_props: GameTabProps) {
  return null;
}

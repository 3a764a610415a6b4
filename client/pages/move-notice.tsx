import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { PlayerSnapshot } from '../player/player-snapshot.ts';
import { moveSentence } from './state-messages.ts';

/** Long enough to read two sentences while a game goes on behind them. */
const SHOWN_MS = 9_000;

/** Says for a moment that the game goes on elsewhere, and why. */
export function MoveNotice({ snapshot }: { readonly snapshot: PlayerSnapshot }) {
  const { sessionId, moved, containerName, state } = snapshot;
  const read = useSignal<string | undefined>(undefined);
  const streaming = state.name === 'streaming';
  useEffect(() => {
    if (!streaming || !moved) return;
    const timer = setTimeout(() => {
      read.value = sessionId;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [streaming, moved, sessionId, read]);
  if (!streaming || !moved || read.value === sessionId) return null;
  return (
    <p class="pill move-notice" role="status">
      {moveSentence(moved)} You are on {containerName} now, from what was saved last.
    </p>
  );
}

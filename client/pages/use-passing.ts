import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Long enough to read two sentences while a game goes on behind them. */
const SHOWN_MS = 7_000;

/** What is said for a moment: a new text is shown for some seconds, undefined shows nothing. */
export function usePassing(text: string | undefined): Signal<string | undefined> {
  const shown = useSignal<string | undefined>(undefined);
  useEffect(() => {
    shown.value = text;
    if (text === undefined) return;
    const timer = setTimeout(() => {
      shown.value = undefined;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text, shown]);
  return shown;
}

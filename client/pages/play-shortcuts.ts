import { useEffect } from 'preact/hooks';

/** What a key does on the play page instead of reaching the game. */
export type Shortcut = 'how-to-play' | 'controls' | 'latency';

/**
 * Function keys, because no game of ours needs them; Backquote beside F3 for keyboards where F3
 * takes a second key.
 */
const SHORTCUTS: ReadonlyMap<string, Shortcut> = new Map([
  ['F1', 'how-to-play'],
  ['F2', 'controls'],
  ['F3', 'latency'],
  ['Backquote', 'latency'],
]);

type Keystroke = Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'altKey' | 'metaKey'>;

/** The shortcut of a key, or undefined where the key is the game's or the browser's. */
export function shortcutOf(key: Keystroke): Shortcut | undefined {
  return key.ctrlKey || key.altKey || key.metaKey ? undefined : SHORTCUTS.get(key.code);
}

/**
 * Catches shortcuts at the window, before anything else sees them. To be used before the player is
 * made: listeners of the same phase run in the order they were added.
 */
export function usePlayShortcuts(onShortcut: (shortcut: Shortcut) => void): void {
  useEffect(() => {
    const handle = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      if (shortcut === undefined) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.type === 'keydown' && !event.repeat) onShortcut(shortcut);
    };
    addEventListener('keydown', handle, { capture: true });
    addEventListener('keyup', handle, { capture: true });
    return () => {
      removeEventListener('keydown', handle, { capture: true });
      removeEventListener('keyup', handle, { capture: true });
    };
  }, [onShortcut]);
}

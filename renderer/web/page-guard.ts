import type { FromPage } from './page-pads.ts';

/**
 * Runs in every frame of the page, before its own scripts: keys, clicks and wheel turns that the
 * browser would take for itself (closing the window, zooming, a menu) reach the game alone. Text
 * fields keep their editing keys. A page may close itself, which browsers allow few. Self-contained: it
 * goes to the browser as text.
 * @param send to the launcher.
 */
export function guardPage(send: (message: FromPage) => void): void {
  const EDITING =
    /^(?:Key[ACVXYZ]|Arrow.*|Backspace|Delete|Home|End|Insert|(?:Control|Alt|Meta|Shift).*)$/;
  const BROWSER = /^(?:F\d+|Browser.*|Launch.*)$/;

  function isForBrowser(event: KeyboardEvent): boolean {
    if (BROWSER.test(event.code) || event.altKey) return !event.getModifierState('AltGraph');
    return (event.ctrlKey || event.metaKey) && !EDITING.test(event.code);
  }

  if (window === window.top) window.close = () => send({ type: 'closed' });
  addEventListener(
    'keydown',
    (event) => {
      if (isForBrowser(event)) event.preventDefault();
    },
    true,
  );
  addEventListener('contextmenu', (event) => event.preventDefault(), true);
  addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey) event.preventDefault();
    },
    { capture: true, passive: false },
  );
  // Buttons 3 and 4 go back and forth in the history.
  for (const type of ['mousedown', 'mouseup', 'auxclick'] as const) {
    addEventListener(
      type,
      (event) => {
        if (event.button > 2) event.preventDefault();
      },
      true,
    );
  }
}

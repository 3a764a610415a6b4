import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Whether the browser can show a part of the page full screen (phones with iOS cannot). */
export const canGoFullScreen = (): boolean => document.fullscreenEnabled === true;

/** True while something of this page fills the screen. */
export function useFullScreen(): ReadonlySignal<boolean> {
  const active = useSignal(document.fullscreenElement !== null);
  useEffect(() => {
    const follow = () => {
      active.value = document.fullscreenElement !== null;
    };
    document.addEventListener('fullscreenchange', follow);
    return () => document.removeEventListener('fullscreenchange', follow);
  }, [active]);
  return active;
}

/** Enters or leaves full screen; a refusal by the browser leaves things as they are. */
export async function toggleFullScreen(element: HTMLElement): Promise<void> {
  try {
    if (document.fullscreenElement === null) {
      await element.requestFullscreen({ navigationUI: 'hide' });
    } else {
      await document.exitFullscreen();
    }
  } catch (cause) {
    console.error('The browser refused full screen.', cause);
  }
}

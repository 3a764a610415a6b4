import { useEffect } from 'preact/hooks';
import { useFocusNavigation } from './focus-navigation.ts';
import { goToLibrary } from './navigation.ts';

/** Esc or B go to the library; arrows and gamepads move between the buttons. */
export function useLeavingKeys(): void {
  useFocusNavigation(true, goToLibrary);
  useEffect(() => {
    const handle = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) goToLibrary();
    };
    addEventListener('keydown', handle);
    return () => removeEventListener('keydown', handle);
  }, []);
}

/** A ref that puts the keyboard on its element as it appears. */
export function focusElement(element: HTMLElement | null): void {
  element?.focus({ preventScroll: true });
}

import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** What the person last played with: decides whether the on-screen pad is in the way or needed. */
export type InputMode = 'touch' | 'mouse' | 'keyboard' | 'gamepad';

function initialMode(): InputMode {
  return matchMedia('(pointer: coarse)').matches ? 'touch' : 'keyboard';
}

export function useInputMode(): ReadonlySignal<InputMode> {
  const mode = useSignal<InputMode>(initialMode());
  useEffect(() => {
    const onPointer = (event: PointerEvent) => {
      mode.value = event.pointerType === 'touch' ? 'touch' : 'mouse';
    };
    const onKey = () => {
      mode.value = 'keyboard';
    };
    const onPad = () => {
      mode.value = 'gamepad';
    };
    const capture = { capture: true };
    addEventListener('pointerdown', onPointer, capture);
    addEventListener('keydown', onKey, capture);
    addEventListener('gamepadconnected', onPad);
    return () => {
      removeEventListener('pointerdown', onPointer, capture);
      removeEventListener('keydown', onKey, capture);
      removeEventListener('gamepadconnected', onPad);
    };
  }, [mode]);
  return mode;
}

/** What the keys of an X server mean. */
export interface KeyboardMapping {
  readonly firstKeycode: number;
  /** One row a keycode: keysyms of group 1 without and with Shift, then other groups; 0 is none. */
  readonly rows: readonly (readonly number[])[];
}

/**
 * What input needs of an X server. Calls are requests on one connection: they take effect in the
 * order they were made, none of them waits, and what a server that is gone is told is lost.
 */
export interface XInputPort {
  /** @param keycode 8 to 255. Pressing what is down and releasing what is up does nothing. */
  fakeKey(keycode: number, down: boolean): void;
  /** @param button 1 left, 2 middle, 3 right, 4 to 7 wheel, 8 back, 9 forward. */
  fakeButton(button: number, down: boolean): void;
  /** Pixels of the display. */
  movePointer(x: number, y: number): void;
  /** Pixels, as a mouse would report them: games that read raw movement see exactly these. */
  movePointerBy(dx: number, dy: number): void;
  /** Gives a key another meaning; every program of the display is told. */
  changeKey(keycode: number, keysyms: readonly number[]): void;
  readKeyboard(): Promise<KeyboardMapping>;
}

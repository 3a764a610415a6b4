import type { WindowAtoms } from './window-facts.ts';
import type { XConnection } from './x-connection.ts';

/** Instead of a window: whatever the pointer is over gets the keys. */
const POINTER_ROOT = 1;

export interface FocusableWindow {
  readonly id: number;
  readonly facts: { readonly takesInput: boolean; readonly takesFocus: boolean };
}

/** Gives the keyboard to the window that was mapped or asked for it last, of those that are left. */
export class WindowFocus {
  readonly #connection: XConnection;
  readonly #atoms: WindowAtoms;
  /** The last one has the keyboard. */
  readonly #order: FocusableWindow[] = [];
  /** Is to be told of its focus as soon as the server's time is known. */
  #toTell: number | undefined;

  constructor(connection: XConnection, atoms: WindowAtoms) {
    this.#connection = connection;
    this.#atoms = atoms;
    this.#apply();
  }

  /** The window has to be visible. */
  give(window: FocusableWindow): void {
    const { takesInput, takesFocus } = window.facts;
    if (!takesInput && !takesFocus) return;
    this.#forget(window.id);
    this.#order.push(window);
    this.#apply();
  }

  /** The window is not visible any more. */
  remove(id: number): void {
    const had = this.#order.at(-1)?.id === id;
    this.#forget(id);
    if (had) this.#apply();
  }

  /**
   * The root's _NET_ACTIVE_WINDOW has changed, which {@link give} does: the event tells the server's
   * time, and ICCCM §4.1.7 has windows that take the focus themselves do it with such a time.
   */
  handleActiveWindow(timeMs: number): void {
    const window = this.#toTell;
    if (window === undefined) return;
    this.#toTell = undefined;
    const { WM_PROTOCOLS, WM_TAKE_FOCUS } = this.#atoms;
    const data = [WM_TAKE_FOCUS, timeMs];
    this.#connection.client.SendClientMessage(window, window, WM_PROTOCOLS, 32, data, 0);
  }

  #forget(id: number): void {
    const at = this.#order.findIndex((window) => window.id === id);
    if (at >= 0) this.#order.splice(at, 1);
  }

  #apply(): void {
    const { client, root } = this.#connection;
    const window = this.#order.at(-1);
    if (!window) client.SetInputFocus(POINTER_ROOT, 0);
    else if (window.facts.takesInput) client.SetInputFocus(window.id, 1);
    this.#toTell = window?.facts.takesFocus ? window.id : undefined;
    const active = [window?.id ?? 0];
    client.ChangeProperty(0, root, this.#atoms._NET_ACTIVE_WINDOW, WINDOW_TYPE, 32, active);
  }
}

/** The predefined atom WINDOW (X protocol, appendix B). */
const WINDOW_TYPE = 33;

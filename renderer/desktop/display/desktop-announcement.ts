import type { Resolution } from '../../../protocol/stream-settings.ts';
import type { WindowAtoms } from './window-facts.ts';
import type { XConnection } from './x-connection.ts';

/** Predefined atoms (X protocol, appendix B). */
const ATOM = 4;
const CARDINAL = 6;
const WINDOW = 33;

/**
 * What toolkits look for before they believe that a window manager will answer them (EWMH §3): SDL
 * and Chromium ask for full screen in the modern way only then.
 */
export class DesktopAnnouncement {
  readonly #connection: XConnection;
  readonly #atoms: WindowAtoms;
  readonly #checkWindow: number;

  constructor(connection: XConnection, atoms: WindowAtoms, resolution: Resolution) {
    const { client, root } = connection;
    this.#connection = connection;
    this.#atoms = atoms;
    const check = client.AllocID();
    this.#checkWindow = check;
    client.CreateWindow(check, root, -1, -1, 1, 1, 0, 0, 0, 0, { overrideRedirect: true });
    for (const window of [check, root]) {
      client.ChangeProperty(0, window, atoms._NET_SUPPORTING_WM_CHECK, WINDOW, 32, [check]);
    }
    client.ChangeProperty(0, check, atoms._NET_WM_NAME, atoms.UTF8_STRING, 8, 'Rockpool');
    client.ChangeProperty(0, root, atoms._NET_SUPPORTED, ATOM, 32, [
      atoms._NET_SUPPORTING_WM_CHECK,
      atoms._NET_ACTIVE_WINDOW,
      atoms._NET_CLIENT_LIST,
      atoms._NET_WORKAREA,
      atoms._NET_DESKTOP_GEOMETRY,
      atoms._NET_NUMBER_OF_DESKTOPS,
      atoms._NET_CURRENT_DESKTOP,
      atoms._NET_FRAME_EXTENTS,
      atoms._NET_REQUEST_FRAME_EXTENTS,
      atoms._NET_WM_NAME,
      atoms._NET_WM_STATE,
      atoms._NET_WM_STATE_FULLSCREEN,
      atoms._NET_WM_WINDOW_TYPE,
      atoms._NET_WM_WINDOW_TYPE_DIALOG,
    ]);
    client.ChangeProperty(0, root, atoms._NET_NUMBER_OF_DESKTOPS, CARDINAL, 32, [1]);
    client.ChangeProperty(0, root, atoms._NET_CURRENT_DESKTOP, CARDINAL, 32, [0]);
    this.setSize(resolution);
    this.setWindows([]);
  }

  setSize({ width, height }: Resolution): void {
    const { client, root } = this.#connection;
    const { _NET_DESKTOP_GEOMETRY, _NET_WORKAREA } = this.#atoms;
    client.ChangeProperty(0, root, _NET_DESKTOP_GEOMETRY, CARDINAL, 32, [width, height]);
    client.ChangeProperty(0, root, _NET_WORKAREA, CARDINAL, 32, [0, 0, width, height]);
  }

  /** In the order in which they were mapped. */
  setWindows(windows: readonly number[]): void {
    const { client, root } = this.#connection;
    client.ChangeProperty(0, root, this.#atoms._NET_CLIENT_LIST, WINDOW, 32, windows);
  }

  /** What a window is told of itself: the state that was granted, and that it has no frame. */
  tellWindow(window: number, fullscreen: boolean): void {
    const { client } = this.#connection;
    const { _NET_WM_STATE, _NET_WM_STATE_FULLSCREEN } = this.#atoms;
    const states = fullscreen ? [_NET_WM_STATE_FULLSCREEN] : [];
    client.ChangeProperty(0, window, _NET_WM_STATE, ATOM, 32, states);
    this.tellNoFrame(window);
  }

  tellNoFrame(window: number): void {
    const { client } = this.#connection;
    const { _NET_FRAME_EXTENTS } = this.#atoms;
    client.ChangeProperty(0, window, _NET_FRAME_EXTENTS, CARDINAL, 32, [0, 0, 0, 0]);
  }

  /** Whether the window is on the screen (ICCCM §4.1.3.1). */
  tellVisible(window: number, visible: boolean): void {
    const { client } = this.#connection;
    const { WM_STATE } = this.#atoms;
    client.ChangeProperty(0, window, WM_STATE, WM_STATE, 32, [visible ? 1 : 0, 0]);
  }

  /** There is no window manager any more. */
  close(): void {
    const { client, root } = this.#connection;
    client.DeleteProperty(root, this.#atoms._NET_SUPPORTING_WM_CHECK);
    client.DeleteProperty(root, this.#atoms._NET_SUPPORTED);
    client.DestroyWindow(this.#checkWindow);
    client.ReleaseID(this.#checkWindow);
  }
}

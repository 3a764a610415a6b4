import type { XConfigureValues, XEvent } from 'x11';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import { DesktopAnnouncement } from './desktop-announcement.ts';
import {
  isLarge,
  readWindow,
  roleOf,
  type WindowAtoms,
  type WindowFacts,
  type WindowRole,
  windowAtoms,
} from './window-facts.ts';
import { WindowFocus } from './window-focus.ts';
import type { XConnection } from './x-connection.ts';

/** Event masks (X protocol §10, SETofEVENT). */
const STRUCTURE_NOTIFY = 1 << 17;
const SUBSTRUCTURE_NOTIFY = 1 << 19;
const SUBSTRUCTURE_REDIRECT = 1 << 20;
const PROPERTY_CHANGE = 1 << 22;

/** Value mask of ConfigureRequest (X protocol §9, ConfigureWindow). */
const ASKS_X = 1;
const ASKS_Y = 2;
const ASKS_WIDTH = 4;
const ASKS_HEIGHT = 8;
const ASKS_SIBLING = 32;
const ASKS_STACKING = 64;

const ABOVE = 0;
const VIEWABLE = 2;

/** _NET_WM_STATE messages (EWMH §7.7). */
const STATE_REMOVE = 0;
const STATE_ADD = 1;

export interface PlacementListener {
  /** Something of the game is to be seen, for the first time. */
  handleFirstWindow(): void;
  /** How many windows are to be seen; menus and tooltips are none. */
  handleWindowCount(count: number): void;
}

interface PlacedWindow {
  readonly id: number;
  facts: WindowFacts;
  role: WindowRole;
  /** What the program wants, pixels; a window that covers the display may be larger. */
  size: Resolution;
}

type ConfigureRequest = Extract<XEvent, { readonly name: 'ConfigureRequest' }>;
type ClientMessage = Extract<XEvent, { readonly name: 'ClientMessage' }>;

/**
 * A window manager for one game: its window covers the display, dialogs stand in the middle, the
 * newest window has the keyboard. There are no frames, and nothing can be moved or made an icon.
 */
export class WindowPlacement {
  readonly #connection: XConnection;
  readonly #atoms: WindowAtoms;
  readonly #announcement: DesktopAnnouncement;
  readonly #focus: WindowFocus;
  readonly #listener: PlacementListener;
  readonly #stopListening: () => void;
  readonly #windows = new Map<number, PlacedWindow>();
  /** Windows that asked to be mapped and are being read. */
  readonly #arriving = new Set<number>();
  /** Large windows that no window manager may touch: how old programs cover a display. */
  readonly #untouchable = new Set<number>();
  #resolution: Resolution;
  #count = 0;
  #seen = false;
  #closed = false;

  private constructor(
    connection: XConnection,
    atoms: WindowAtoms,
    resolution: Resolution,
    listener: PlacementListener,
  ) {
    this.#connection = connection;
    this.#atoms = atoms;
    this.#resolution = resolution;
    this.#listener = listener;
    this.#announcement = new DesktopAnnouncement(connection, atoms, resolution);
    this.#focus = new WindowFocus(connection, atoms);
    this.#stopListening = connection.onEvent((event) => this.#handleEvent(event));
  }

  /**
   * Takes the display over, with the windows it may have already.
   * @throws RockpoolError `game-failed` where it has a window manager.
   */
  static async open(
    connection: XConnection,
    resolution: Resolution,
    listener: PlacementListener,
  ): Promise<WindowPlacement> {
    const { client, root } = connection;
    const atoms = await windowAtoms(connection);
    const eventMask = SUBSTRUCTURE_REDIRECT | SUBSTRUCTURE_NOTIFY | PROPERTY_CHANGE;
    try {
      await connection.ask<void>((done) =>
        client.ChangeWindowAttributes(root, { eventMask }, done),
      );
    } catch (cause) {
      const message = 'The display has a window manager already; give each game its own display.';
      throw connection.ended ?? new RockpoolError('game-failed', message, { cause });
    }
    const placement = new WindowPlacement(connection, atoms, resolution, listener);
    await placement.#adoptAll();
    return placement;
  }

  /** The display has a new size. */
  resize(resolution: Resolution): void {
    this.#resolution = resolution;
    this.#announcement.setSize(resolution);
    for (const window of this.#windows.values()) this.#place(window);
  }

  /** Asks every window to close, as its close button would; games that save on leaving do so. */
  askToClose(): void {
    const { WM_PROTOCOLS, WM_DELETE_WINDOW } = this.#atoms;
    for (const { id, facts } of this.#windows.values()) {
      if (!facts.closable) continue;
      const data = [WM_DELETE_WINDOW, 0];
      this.#connection.client.SendClientMessage(id, id, WM_PROTOCOLS, 32, data, 0);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopListening();
    if (this.#connection.ended) return;
    this.#announcement.close();
    const { client, root } = this.#connection;
    client.ChangeWindowAttributes(root, { eventMask: 0 });
  }

  #handleEvent(event: XEvent): void {
    switch (event.name) {
      case 'MapRequest':
        void this.#admit(event.wid);
        break;
      case 'MapNotify':
        if (event.overrideRedirect) void this.#noteUntouchable(event.wid);
        break;
      case 'UnmapNotify':
      case 'DestroyNotify':
        if (event.event === this.#connection.root) this.#remove(event.wid);
        break;
      case 'ReparentNotify':
        if (event.parent !== this.#connection.root) this.#remove(event.wid);
        break;
      case 'ConfigureRequest':
        this.#handleConfigureRequest(event);
        break;
      case 'PropertyNotify':
        this.#handleProperty(event.wid, event.atom, event.time);
        break;
      case 'ClientMessage':
        this.#handleMessage(event);
        break;
    }
  }

  async #adoptAll(): Promise<void> {
    const { client, root } = this.#connection;
    const { children } = await this.#connection.ask<{ readonly children: readonly number[] }>(
      (done) => client.QueryTree(root, done),
    );
    await Promise.all(children.map((id) => this.#adopt(id)));
  }

  async #adopt(id: number): Promise<void> {
    const attributes = await this.#attributes(id);
    if (attributes?.mapState !== VIEWABLE) return;
    if (attributes.overrideRedirect) await this.#noteUntouchable(id);
    else await this.#admit(id);
  }

  /** Undefined where the window is gone. */
  async #attributes(id: number) {
    interface Attributes {
      readonly mapState: number;
      readonly overrideRedirect: number | boolean;
    }
    try {
      return await this.#connection.ask<Attributes>((done) =>
        this.#connection.client.GetWindowAttributes(id, done),
      );
    } catch {
      return undefined;
    }
  }

  async #admit(id: number): Promise<void> {
    const { client } = this.#connection;
    if (this.#arriving.has(id)) return;
    const known = this.#windows.get(id);
    if (known) {
      client.MapWindow(id);
      return;
    }
    this.#arriving.add(id);
    // Before it is read, so that no change is missed.
    client.ChangeWindowAttributes(id, { eventMask: PROPERTY_CHANGE });
    const facts = await readWindow(this.#connection, this.#atoms, id);
    const stayed = this.#arriving.delete(id);
    if (!facts || !stayed || this.#closed) return;
    const role = roleOf(facts, facts.size, this.#resolution, this.#isBare());
    const window: PlacedWindow = { id, facts, role, size: facts.fixedSize ?? facts.size };
    this.#windows.set(id, window);
    this.#place(window);
    client.ConfigureWindow(id, { stackMode: ABOVE });
    this.#announcement.tellWindow(id, facts.fullscreen);
    this.#announcement.tellVisible(id, true);
    client.MapWindow(id);
    if (role !== 'free') this.#focus.give(window);
    this.#recount();
  }

  async #noteUntouchable(id: number): Promise<void> {
    const facts = await readWindow(this.#connection, this.#atoms, id);
    if (!facts || facts.inputOnly || !isLarge(facts.size, this.#resolution)) return;
    this.#untouchable.add(id);
    this.#recount();
  }

  /** It was unmapped or destroyed, and may be mapped again. */
  #remove(id: number): void {
    this.#arriving.delete(id);
    if (this.#windows.delete(id)) {
      this.#announcement.tellVisible(id, false);
      this.#focus.remove(id);
    } else if (!this.#untouchable.delete(id)) {
      return;
    }
    this.#recount();
  }

  #recount(): void {
    this.#announcement.setWindows([...this.#windows.keys()]);
    const visible = [...this.#windows.values()].filter(({ role }) => role !== 'free').length;
    const count = visible + this.#untouchable.size;
    if (count === this.#count) return;
    this.#count = count;
    if (count > 0 && !this.#seen) {
      this.#seen = true;
      this.#listener.handleFirstWindow();
    }
    this.#listener.handleWindowCount(count);
  }

  #isBare(): boolean {
    for (const { role } of this.#windows.values()) if (role === 'full') return false;
    return true;
  }

  #handleConfigureRequest(event: ConfigureRequest): void {
    const window = this.#windows.get(event.wid);
    if (!window || window.role === 'free') {
      this.#connection.client.ConfigureWindow(event.wid, asked(event));
      return;
    }
    const width = event.mask & ASKS_WIDTH ? event.width : window.size.width;
    const height = event.mask & ASKS_HEIGHT ? event.height : window.size.height;
    window.size = { width, height };
    if (event.mask & ASKS_STACKING) {
      this.#connection.client.ConfigureWindow(window.id, stacking(event));
    }
    this.#judge(window);
    this.#place(window);
  }

  #handleProperty(id: number, atom: number, timeMs: number): void {
    if (id === this.#connection.root) {
      if (atom === this.#atoms._NET_ACTIVE_WINDOW) this.#focus.handleActiveWindow(timeMs);
      return;
    }
    const { WM_NORMAL_HINTS, WM_HINTS, WM_TRANSIENT_FOR, WM_PROTOCOLS } = this.#atoms;
    const telling: readonly number[] = [WM_NORMAL_HINTS, WM_HINTS, WM_TRANSIENT_FOR, WM_PROTOCOLS];
    const window = this.#windows.get(id);
    if (window && telling.includes(atom)) void this.#readAgain(window);
  }

  async #readAgain(window: PlacedWindow): Promise<void> {
    const facts = await readWindow(this.#connection, this.#atoms, window.id);
    if (!facts || this.#closed || this.#windows.get(window.id) !== window) return;
    // Its size is what it was given, not what it wants; full screen it asks for by a message.
    window.facts = { ...facts, fullscreen: window.facts.fullscreen };
    if (facts.fixedSize) window.size = facts.fixedSize;
    const before = window.role;
    this.#judge(window);
    if (window.role !== before || facts.fixedSize) this.#place(window);
  }

  /** What covers the display goes on doing so, unless the window cannot be stretched. */
  #judge(window: PlacedWindow): void {
    const alone = window.role === 'full' || this.#isBare();
    window.role = roleOf(window.facts, window.size, this.#resolution, alone);
  }

  #handleMessage({ wid, message_type: type, data }: ClientMessage): void {
    const { _NET_WM_STATE, _NET_ACTIVE_WINDOW, _NET_REQUEST_FRAME_EXTENTS } = this.#atoms;
    if (type === _NET_REQUEST_FRAME_EXTENTS) this.#announcement.tellNoFrame(wid);
    const window = this.#windows.get(wid);
    if (!window) return;
    if (type === _NET_ACTIVE_WINDOW) this.#activate(window);
    if (type === _NET_WM_STATE) this.#changeState(window, data);
  }

  #activate(window: PlacedWindow): void {
    const { client } = this.#connection;
    client.ConfigureWindow(window.id, { stackMode: ABOVE });
    for (const { id, facts } of this.#windows.values()) {
      if (facts.transientFor === window.id) client.ConfigureWindow(id, { stackMode: ABOVE });
    }
    this.#focus.give(window);
  }

  #changeState(window: PlacedWindow, [action, ...properties]: readonly number[]): void {
    if (!properties.includes(this.#atoms._NET_WM_STATE_FULLSCREEN)) return;
    const before = window.facts.fullscreen;
    const fullscreen = action === STATE_ADD || (action !== STATE_REMOVE && !before);
    window.facts = { ...window.facts, fullscreen };
    this.#judge(window);
    this.#announcement.tellWindow(window.id, fullscreen);
    this.#place(window);
  }

  /** The window learns where it is in any case: it may have asked for something else. */
  #place(window: PlacedWindow): void {
    if (window.role === 'free') return;
    const { client } = this.#connection;
    const display = this.#resolution;
    const full = window.role === 'full';
    const width = full ? display.width : Math.min(window.size.width, display.width);
    const height = full ? display.height : Math.min(window.size.height, display.height);
    const x = Math.floor((display.width - width) / 2);
    const y = Math.floor((display.height - height) / 2);
    client.ConfigureWindow(window.id, { x, y, width, height, borderWidth: 0 });
    // ICCCM §4.1.5: the server says nothing where nothing changed.
    const { id } = window;
    const notice = { name: 'ConfigureNotify', wid: id, wid1: id, x, y, width, height } as const;
    client.SendEvent(id, 0, STRUCTURE_NOTIFY, notice);
  }
}

/** Exactly what a program asks for. */
function asked(event: ConfigureRequest): XConfigureValues {
  return {
    ...(event.mask & ASKS_X ? { x: event.x } : {}),
    ...(event.mask & ASKS_Y ? { y: event.y } : {}),
    ...(event.mask & ASKS_WIDTH ? { width: event.width } : {}),
    ...(event.mask & ASKS_HEIGHT ? { height: event.height } : {}),
    ...(event.mask & ASKS_STACKING ? stacking(event) : {}),
  };
}

function stacking({ mask, sibling, stackMode }: ConfigureRequest): XConfigureValues {
  return mask & ASKS_SIBLING ? { sibling, stackMode } : { stackMode };
}

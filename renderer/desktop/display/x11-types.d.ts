/**
 * The part of npm `x11` that Rockpool uses; the package brings no types. Written from its sources,
 * version 4.2.
 */
declare module 'x11' {
  import type { Socket } from 'node:net';

  /**
   * An error of the X server answers one request; anything else is the connection's. True from a
   * callback says that the error is dealt with.
   */
  export type XCallback<T> = (error: Error | null | undefined, reply: T) => boolean;

  /** An X protocol error (X protocol §4). */
  export interface XError extends Error {
    /** The protocol's error code: 3 BadWindow, 8 BadMatch, … */
    readonly error: number;
    readonly badParam: number;
    readonly majorOpcode: number;
    readonly minorOpcode: number;
  }

  interface XEventOfAnyKind {
    /** Request that the server had processed last. */
    readonly seq: number;
  }

  interface WindowEvent extends XEventOfAnyKind {
    readonly wid: number;
  }

  /** X protocol §11, as the package names things: `wid` is the window it happened to. */
  export type XEvent =
    | (WindowEvent & { readonly name: 'MapRequest'; readonly parent: number })
    | (WindowEvent & {
        readonly name: 'CreateNotify' | 'MapNotify';
        readonly overrideRedirect: boolean;
      })
    | (WindowEvent & { readonly name: 'UnmapNotify' | 'DestroyNotify'; readonly event: number })
    | (WindowEvent & { readonly name: 'ReparentNotify'; readonly parent: number })
    | (WindowEvent & {
        readonly name: 'ConfigureRequest';
        readonly x: number;
        readonly y: number;
        readonly width: number;
        readonly height: number;
        readonly borderWidth: number;
        readonly sibling: number;
        readonly stackMode: number;
        /** Which of the values are asked for (X protocol §4, ConfigureWindow). */
        readonly mask: number;
      })
    | (WindowEvent & {
        readonly name: 'PropertyNotify';
        readonly atom: number;
        readonly time: number;
      })
    | (WindowEvent & {
        readonly name: 'ClientMessage';
        readonly message_type: number;
        readonly format: number;
        readonly data: readonly number[];
      })
    | (XEventOfAnyKind & {
        readonly name: 'DamageNotify';
        readonly damage: number;
        readonly area: {
          readonly x: number;
          readonly y: number;
          readonly w: number;
          readonly h: number;
        };
      })
    | (XEventOfAnyKind & { readonly name: 'CursorNotify'; readonly cursorSerial: number })
    | (XEventOfAnyKind & {
        readonly name: 'RRScreenChangeNotify';
        readonly width: number;
        readonly height: number;
      });

  export interface XWindowValues {
    readonly eventMask?: number;
    readonly overrideRedirect?: boolean;
    readonly backgroundPixel?: number;
    readonly cursor?: number;
  }

  export interface XWindowGeometry {
    readonly xPos: number;
    readonly yPos: number;
    readonly width: number;
    readonly height: number;
  }

  export interface XConfigureValues {
    readonly x?: number;
    readonly y?: number;
    readonly width?: number;
    readonly height?: number;
    readonly borderWidth?: number;
    readonly sibling?: number;
    readonly stackMode?: number;
  }

  export interface XProperty {
    /** Atom; 0 where the window has no such property. */
    readonly type: number;
    /** Bits an element: 8, 16 or 32. */
    readonly format: number;
    readonly data: Buffer;
  }

  export interface XColour {
    readonly R: number;
    readonly G: number;
    readonly B: number;
  }

  export interface XEventToSend {
    readonly name: 'ConfigureNotify';
    readonly wid: number;
    readonly wid1: number;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }

  export interface XDisplayInfo {
    readonly screen: readonly {
      readonly root: number;
      readonly pixel_width: number;
      readonly pixel_height: number;
      readonly root_depth: number;
    }[];
    /** By depth. */
    readonly format: Readonly<Record<number, { readonly bits_per_pixel: number } | undefined>>;
    /** 0: least significant byte first. */
    readonly image_byte_order: number;
    readonly min_keycode: number;
    readonly max_keycode: number;
  }

  export interface XClient {
    readonly display: XDisplayInfo;
    readonly stream: Socket;
    /** Of the request that was made last; the server counts along. */
    readonly seq_num: number;
    /** Sends at once what was asked for, where requests are buffered. */
    flush(done: () => void): void;
    /** Numbers of names that are known already; the package has one object for all connections. */
    atoms: Readonly<Record<string, number>>;
    on(name: 'event', listener: (event: XEvent) => void): void;
    on(name: 'error', listener: (error: Error) => void): void;
    on(name: 'end', listener: () => void): void;
    off(name: 'event', listener: (event: XEvent) => void): void;
    require<Name extends keyof XExtensions>(name: Name, done: XRequired<XExtensions[Name]>): void;
    terminate(): void;
    AllocID(): number;
    ReleaseID(id: number): void;

    InternAtom(onlyIfExists: boolean, name: string, done: XCallback<number>): void;
    CreateWindow(
      window: number,
      parent: number,
      x: number,
      y: number,
      width: number,
      height: number,
      borderWidth: number,
      depth: number,
      windowClass: number,
      visual: number,
      values: XWindowValues,
    ): void;
    DestroyWindow(window: number): void;
    ChangeWindowAttributes(window: number, values: XWindowValues, done?: XCallback<void>): void;
    GetWindowAttributes(
      window: number,
      done: XCallback<{
        /** 1 InputOutput, 2 InputOnly. */
        readonly klass: number;
        /** 0 unmapped, 1 unviewable, 2 viewable. */
        readonly mapState: number;
        readonly overrideRedirect: number | boolean;
      }>,
    ): void;
    GetGeometry(drawable: number, done: XCallback<XWindowGeometry>): void;
    QueryTree(window: number, done: XCallback<{ readonly children: readonly number[] }>): void;
    ConfigureWindow(window: number, values: XConfigureValues): void;
    MapWindow(window: number): void;
    UnmapWindow(window: number): void;
    GetProperty(
      remove: 0 | 1,
      window: number,
      property: number,
      type: number,
      offset: number,
      length: number,
      done: XCallback<XProperty>,
    ): void;
    /** `mode` 0 replaces. */
    ChangeProperty(
      mode: 0,
      window: number,
      property: number,
      type: number,
      format: 8 | 32,
      data: Buffer | string | readonly number[],
    ): void;
    DeleteProperty(window: number, property: number): void;
    /** `revertTo` 0 none, 1 the root under the pointer, 2 the parent. */
    SetInputFocus(window: number, revertTo: 0 | 1 | 2): void;
    GetInputFocus(done: XCallback<{ readonly focus: number }>): void;
    SendEvent(destination: number, propagate: 0, eventMask: number, event: XEventToSend): void;
    SendClientMessage(
      destination: number,
      window: number,
      type: number,
      format: 32,
      data: readonly number[],
      eventMask: number,
    ): void;
    OpenFont(font: number, name: string): void;
    CloseFont(font: number): void;
    CreateGlyphCursor(
      cursor: number,
      sourceFont: number,
      maskFont: number,
      sourceGlyph: number,
      maskGlyph: number,
      foreground: XColour,
      background: XColour,
    ): void;
    FreeCursor(cursor: number): void;
    ChangeKeyboardMapping(first: number, perKeycode: number, keysyms: readonly number[]): void;
    GetKeyboardMapping(
      first: number,
      count: number,
      done: XCallback<readonly (readonly number[])[]>,
    ): void;
  }

  export type XRequired<Extension> = (
    error: Error | null | undefined,
    extension: Extension,
  ) => void;

  export interface XExtensions {
    readonly damage: XDamage;
    readonly fixes: XFixes;
    readonly randr: XRandr;
    readonly shm: XShm;
    readonly xtest: XTest;
  }

  export interface XDamage {
    readonly ReportLevel: { readonly BoundingBox: 2 };
    Create(damage: number, drawable: number, level: 2): void;
    Destroy(damage: number): void;
    /** Regions 0 mean all of it, and nothing to be told. */
    Subtract(damage: number, repair: 0, parts: 0): void;
  }

  export interface XCursorImage {
    readonly width: number;
    readonly height: number;
    readonly xhot: number;
    readonly yhot: number;
    readonly cursorSerial: number;
    readonly cursorName: string;
    /** 32-bit ARGB, premultiplied, least significant byte first. */
    readonly cursorImage: Buffer;
  }

  export interface XFixes {
    /** `eventMask` 1: the displayed cursor. */
    SelectCursorInput(window: number, eventMask: 0 | 1): void;
    GetCursorImageAndName(done: XCallback<XCursorImage>): void;
    SetCursorName(cursor: number, name: string): void;
  }

  export interface XScreenMode {
    readonly width: number;
    readonly height: number;
    readonly dot_clock: number;
    readonly h_total: number;
    readonly v_total: number;
    readonly name: string;
  }

  export interface XRandr {
    QueryVersion(major: 1, minor: 3, done: XCallback<readonly [number, number]>): void;
    /** `mask` 1: the size of the screen. */
    SelectInput(window: number, mask: 0 | 1): void;
    GetScreenSizeRange(
      window: number,
      done: XCallback<{ readonly maxWidth: number; readonly maxHeight: number }>,
    ): void;
    GetScreenResources(
      window: number,
      done: XCallback<{
        readonly crtcs: readonly number[];
        readonly outputs: readonly number[];
        readonly modeinfos: readonly { readonly id: number; readonly name: string }[];
      }>,
    ): void;
    CreateMode(window: number, mode: XScreenMode, done: XCallback<number>): void;
    AddOutputMode(output: number, mode: number): void;
    DeleteOutputMode(output: number, mode: number): void;
    DestroyMode(mode: number): void;
    SetScreenSize(window: number, width: number, height: number, mmX: number, mmY: number): void;
    /** `rotation` 1 is none; `mode` 0 switches it off. A `status` of 0 is success. */
    SetCrtcConfig(
      crtc: number,
      time: 0,
      configTime: 0,
      x: 0,
      y: 0,
      mode: number,
      rotation: 1,
      outputs: readonly number[],
      done: XCallback<{ readonly status: number }>,
    ): void;
  }

  export interface XShm {
    /** Whether this connection can hand file descriptors to the server. */
    readonly fdCapable: boolean;
    AttachFd(segment: number, fd: number, readOnly: false, done: XCallback<void>): void;
    Detach(segment: number): void;
    /** `format` 2: packed pixels. */
    GetImage(
      drawable: number,
      x: number,
      y: number,
      width: number,
      height: number,
      planeMask: number,
      format: 2,
      segment: number,
      offset: number,
      done: XCallback<{ readonly depth: number; readonly size: number }>,
    ): void;
  }

  export interface XTest {
    FakeInput(
      type: number,
      detail: number,
      delayMs: number,
      root: number,
      x: number,
      y: number,
    ): void;
  }

  export function createClient(
    options: {
      /** As in `DISPLAY`, which it is read from where it is left out. */
      readonly display?: string;
      /** Read from `XAUTHORITY` where it is left out. */
      readonly auth?: { readonly name: string; readonly data: string };
      /** Requests of one turn of the event loop leave in one write; one with an answer, at once. */
      readonly bufferRequests?: boolean;
    },
    done: (error: Error | undefined, display: { readonly client: XClient }) => void,
  ): XClient;
}

import { createRequire } from 'node:module';
import type { XClient, XEvent } from 'x11';
import { COOKIE_METHOD, readCookie } from '../../renderer/desktop/display/x-authority.ts';

/** What a program may do beyond what Rockpool's own code does with an X server. */
interface DrawingClient extends Omit<XClient, 'require'> {
  GrabServer(): void;
  UngrabServer(): void;
  CreateGC(gc: number, drawable: number, values: { readonly foreground?: number }): void;
  ChangeGC(gc: number, values: { readonly foreground: number }): void;
  PolyFillRectangle(drawable: number, gc: number, rectangles: readonly number[]): void;
  PutImage(
    format: 2,
    drawable: number,
    gc: number,
    width: number,
    height: number,
    x: number,
    y: number,
    leftPad: 0,
    depth: number,
    data: Uint8Array,
  ): void;
  GetImage(
    format: 2,
    drawable: number,
    x: number,
    y: number,
    width: number,
    height: number,
    planes: number,
    done: (error: unknown, image: { readonly data: Buffer }) => boolean,
  ): void;
  CreatePixmap(
    pixmap: number,
    drawable: number,
    depth: number,
    width: number,
    height: number,
  ): void;
  WarpPointer(
    from: number,
    to: number,
    fromX: number,
    fromY: number,
    width: number,
    height: number,
    x: number,
    y: number,
  ): void;
  require: XClient['require'] &
    ((name: 'render', done: (error: unknown, render: Render) => void) => void);
}

interface Render {
  readonly rgba32: number;
  CreatePicture(picture: number, drawable: number, format: number): void;
  CreateCursor(cursor: number, picture: number, x: number, y: number): void;
}

interface X11Module {
  createClient(
    options: {
      readonly display: string;
      readonly auth: { name: string; data: string };
      readonly bufferRequests: true;
    },
    done: (error: unknown, display: { readonly client: DrawingClient }) => void,
  ): DrawingClient;
}

const x11 = createRequire(import.meta.url)('x11') as X11Module;

export interface WindowWish {
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
  readonly overrideRedirect?: boolean;
  readonly backgroundPixel?: number;
  /** WM_TRANSIENT_FOR. */
  readonly transientFor?: number;
  /** The smallest and the largest size are the window's own. */
  readonly fixedSize?: boolean;
  /** Names of atoms. */
  readonly type?: string;
  readonly protocols?: readonly string[];
  readonly state?: string;
  /** WM_HINTS: whether the window manager may give it the keyboard. */
  readonly takesInput?: boolean;
}

const STRUCTURE_AND_FOCUS = (1 << 17) | (1 << 21) | (1 << 22);

/** A program of its own on a display, as a game is. */
export class XProgram {
  readonly client: DrawingClient;
  readonly root: number;
  readonly events: XEvent[] = [];
  readonly errors: Error[] = [];
  #gc: number | undefined;

  private constructor(client: DrawingClient) {
    this.client = client;
    // As in x-connection.ts.
    client.atoms = { ...client.atoms };
    this.root = client.display.screen[0]?.root ?? 0;
    client.on('event', (event) => this.events.push(event));
    client.on('error', (error) => this.errors.push(error));
  }

  static async open(display: { name: string; authorityFile: string }): Promise<XProgram> {
    const auth = { name: COOKIE_METHOD, data: await readCookie(display.authorityFile) };
    return new Promise((resolve, reject) => {
      x11.createClient({ display: display.name, auth, bufferRequests: true }, (error, opened) => {
        if (error) reject(error);
        else resolve(new XProgram(opened.client));
      });
    });
  }

  atom(name: string): Promise<number> {
    return this.ask((done) => this.client.InternAtom(false, name, done));
  }

  ask<T>(request: (done: (error: unknown, reply: T) => boolean) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      request((error, reply) => {
        if (error) reject(error);
        else resolve(reply);
        return true;
      });
    });
  }

  /** Resolves when the server has processed everything asked so far. */
  async settled(): Promise<void> {
    await this.ask((done) => this.client.GetInputFocus(done));
  }

  /** Makes a window and asks for it to be mapped. */
  async map(wish: WindowWish): Promise<number> {
    const window = await this.make(wish);
    this.client.MapWindow(window);
    await this.settled();
    return window;
  }

  async make(wish: WindowWish): Promise<number> {
    const { client } = this;
    const { x = 30, y = 40, width, height, overrideRedirect = false, backgroundPixel = 0 } = wish;
    const window = client.AllocID();
    client.CreateWindow(window, this.root, x, y, width, height, 0, 0, 0, 0, {
      overrideRedirect,
      backgroundPixel,
      eventMask: STRUCTURE_AND_FOCUS,
    });
    const set = (name: number, type: number, values: readonly number[]) =>
      client.ChangeProperty(0, window, name, type, 32, values);
    if (wish.transientFor !== undefined) set(68, 33, [wish.transientFor]);
    if (wish.fixedSize) this.fixSize(window, width, height);
    if (wish.takesInput !== undefined) {
      set(35, 35, [1, wish.takesInput ? 1 : 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    if (wish.type) set(await this.atom('_NET_WM_WINDOW_TYPE'), 4, [await this.atom(wish.type)]);
    if (wish.state) set(await this.atom('_NET_WM_STATE'), 4, [await this.atom(wish.state)]);
    if (wish.protocols) {
      const protocols = await Promise.all(wish.protocols.map((name) => this.atom(name)));
      set(await this.atom('WM_PROTOCOLS'), 4, protocols);
    }
    return window;
  }

  /** WM_NORMAL_HINTS with the same smallest and largest size. */
  fixSize(window: number, width: number, height: number): void {
    const words = new Array<number>(18).fill(0);
    words[0] = (1 << 4) | (1 << 5);
    words[5] = width;
    words[6] = height;
    words[7] = width;
    words[8] = height;
    this.client.ChangeProperty(0, window, 40, 41, 32, words);
  }

  /** Fills rectangles, each x, y, width and height, with 0xRRGGBB. */
  fill(window: number, colour: number, ...rectangle: readonly number[]): void {
    if (this.#gc === undefined) {
      this.#gc = this.client.AllocID();
      this.client.CreateGC(this.#gc, window, {});
    }
    this.client.ChangeGC(this.#gc, { foreground: colour });
    this.client.PolyFillRectangle(window, this.#gc, rectangle);
  }

  /** Draws with nobody served in between, however long the server takes for it (X protocol §9). */
  inOneGo(draw: () => void): void {
    this.client.GrabServer();
    draw();
    this.client.UngrabServer();
  }

  /** What a window shows there, 0xRRGGBB. */
  async pixel(window: number, x: number, y: number): Promise<number> {
    const { data } = await this.ask<{ readonly data: Buffer }>((done) =>
      this.client.GetImage(2, window, x, y, 1, 1, 0xffffffff, done),
    );
    return data.readUInt32LE(0) & 0xffffff;
  }

  /** Draws pixels of blue, green, red and an unused byte. */
  put(window: number, width: number, height: number, pixels: Uint8Array): void {
    if (this.#gc === undefined) {
      this.#gc = this.client.AllocID();
      this.client.CreateGC(this.#gc, window, {});
    }
    const data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length);
    this.client.PutImage(2, window, this.#gc, width, height, 0, 0, 0, 24, data);
  }

  /** Gives a window a cursor of premultiplied blue, green, red and alpha. */
  async setCursor(
    window: number,
    width: number,
    height: number,
    bgra: Uint8Array,
    hotspot = { x: 0, y: 0 },
  ): Promise<void> {
    const { client } = this;
    const render = await new Promise<Render>((resolve, reject) => {
      client.require('render', (error: unknown, extension: Render) => {
        if (error) reject(error);
        else resolve(extension);
      });
    });
    const [pixmap, gc, picture, cursor] = [
      client.AllocID(),
      client.AllocID(),
      client.AllocID(),
      client.AllocID(),
    ];
    client.CreatePixmap(pixmap, this.root, 32, width, height);
    client.CreateGC(gc, pixmap, {});
    client.PutImage(2, pixmap, gc, width, height, 0, 0, 0, 32, Buffer.from(bgra));
    render.CreatePicture(picture, pixmap, render.rgba32);
    render.CreateCursor(cursor, picture, hotspot.x, hotspot.y);
    client.ChangeWindowAttributes(window, { cursor });
    await this.settled();
  }

  /** x, y, width and height of a window on the display. */
  async geometry(window: number): Promise<readonly [number, number, number, number]> {
    const found = await this.ask<{ xPos: number; yPos: number; width: number; height: number }>(
      (done) => this.client.GetGeometry(window, done),
    );
    return [found.xPos, found.yPos, found.width, found.height];
  }

  async focus(): Promise<number> {
    const { focus } = await this.ask<{ readonly focus: number }>((done) =>
      this.client.GetInputFocus(done),
    );
    return focus;
  }

  /** The 32-bit words of a property. */
  async property(window: number, name: string): Promise<number[]> {
    const atom = await this.atom(name);
    const { data } = await this.ask<{ readonly data: Buffer }>((done) =>
      this.client.GetProperty(0, window, atom, 0, 0, 64, done),
    );
    return Array.from({ length: data.length / 4 }, (_, at) => data.readUInt32LE(at * 4));
  }

  /** A message about a window to the window manager. */
  async tellManager(window: number, name: string, data: readonly number[]): Promise<void> {
    const substructure = (1 << 19) | (1 << 20);
    const type = await this.atom(name);
    this.client.SendClientMessage(this.root, window, type, 32, data, substructure);
  }

  close(): void {
    this.client.terminate();
    this.client.stream.destroy();
  }
}

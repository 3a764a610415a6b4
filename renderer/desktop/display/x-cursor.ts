import type { XCursorImage, XFixes } from 'x11';
import type { XConnection } from './x-connection.ts';

/** What the pointer looks like. */
export type CursorPicture =
  /** The program has not chosen one: the display's own, an arrow. */
  | { readonly kind: 'default' }
  /** Nothing is to be seen. */
  | { readonly kind: 'hidden' }
  | {
      readonly kind: 'image';
      /** Pixels. */
      readonly width: number;
      /** Pixels. */
      readonly height: number;
      /** Pixels from the upper left corner. */
      readonly hotspotX: number;
      readonly hotspotY: number;
      /** Not premultiplied, width × height × 4 bytes; never changed after this call. */
      readonly rgba: Uint8Array;
    };

export interface CursorListener {
  handleCursor(cursor: CursorPicture): void;
}

/** As the display's own cursor is named, so that it is known among those of programs. */
const OWN_NAME = 'rockpool-default';

/** Shape and mask of the arrow in X's "cursor" font (X11/cursorfont.h: XC_left_ptr). */
const ARROW_GLYPH = 68;
const ARROW_MASK_GLYPH = 69;
const BLACK = { R: 0, G: 0, B: 0 };
const WHITE = { R: 0xffff, G: 0xffff, B: 0xffff };

/** XFixes §7: XFixesDisplayCursorNotifyMask. */
const DISPLAYED_CURSOR = 1;

/** Cursors kept by the server's number of them: an animated one has some dozen pictures. */
const MAX_KNOWN = 64;

/**
 * Watches the cursor of a display, which is not in its picture: the browser draws it, with no delay.
 * Tells it once at the start and then whenever it looks different.
 */
export class XCursor {
  readonly #connection: XConnection;
  readonly #fixes: XFixes;
  readonly #listener: CursorListener;
  readonly #stopListening: () => void;
  readonly #known = new Map<number, CursorPicture>();
  #told: CursorPicture | undefined;
  #asking = false;
  #askAgain = false;
  #closed = false;

  private constructor(connection: XConnection, fixes: XFixes, listener: CursorListener) {
    this.#connection = connection;
    this.#fixes = fixes;
    this.#listener = listener;
    this.#stopListening = connection.onEvent((event) => {
      if (event.name === 'CursorNotify') this.#handleSerial(event.cursorSerial);
    });
  }

  /**
   * Gives the display an arrow as its own cursor and begins to watch.
   * @throws RockpoolError `game-failed` where the server has no XFixes.
   */
  static async open(connection: XConnection, listener: CursorListener): Promise<XCursor> {
    const fixes = await connection.extension('fixes');
    setOwnCursor(connection, fixes);
    const cursor = new XCursor(connection, fixes, listener);
    fixes.SelectCursorInput(connection.root, DISPLAYED_CURSOR);
    await cursor.#ask();
    return cursor;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopListening();
    if (!this.#connection.ended) this.#fixes.SelectCursorInput(this.#connection.root, 0);
  }

  #handleSerial(serial: number): void {
    const known = this.#known.get(serial);
    if (known && !this.#asking) this.#tell(known);
    else void this.#ask();
  }

  /** Asks what is displayed now; cursors that came and went before the answer are not told. */
  async #ask(): Promise<void> {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#asking = true;
    do {
      this.#askAgain = false;
      const image = await this.#currentImage();
      if (!image) break;
      const { cursorSerial: serial } = image;
      const cursor = this.#known.get(serial) ?? pictureOf(image);
      this.#remember(serial, cursor);
      this.#tell(cursor);
    } while (this.#askAgain);
    this.#asking = false;
  }

  /** Undefined where the connection ended, which its owner is told, or there is no cursor at all. */
  async #currentImage(): Promise<XCursorImage | undefined> {
    try {
      return await this.#connection.ask<XCursorImage>((done) =>
        this.#fixes.GetCursorImageAndName(done),
      );
    } catch {
      return undefined;
    }
  }

  #remember(serial: number, cursor: CursorPicture): void {
    this.#known.delete(serial);
    this.#known.set(serial, cursor);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  #tell(cursor: CursorPicture): void {
    if (this.#closed || (this.#told && looksSame(cursor, this.#told))) return;
    this.#told = cursor;
    this.#listener.handleCursor(cursor);
  }
}

function setOwnCursor({ client, root }: XConnection, fixes: XFixes): void {
  const font = client.AllocID();
  const cursor = client.AllocID();
  client.OpenFont(font, 'cursor');
  client.CreateGlyphCursor(cursor, font, font, ARROW_GLYPH, ARROW_MASK_GLYPH, BLACK, WHITE);
  fixes.SetCursorName(cursor, OWN_NAME);
  client.ChangeWindowAttributes(root, { cursor });
  client.FreeCursor(cursor);
  client.CloseFont(font);
}

function pictureOf(image: XCursorImage): CursorPicture {
  if (image.cursorName === OWN_NAME) return { kind: 'default' };
  const { width, height, xhot: hotspotX, yhot: hotspotY, cursorImage } = image;
  const rgba = unpremultiply(cursorImage);
  // A single pixel is how programs that cannot hide a cursor make it as good as invisible.
  const visible = width * height > 1 && rgba.some((value, at) => at % 4 === 3 && value > 0);
  if (!visible) return { kind: 'hidden' };
  return { kind: 'image', width, height, hotspotX, hotspotY, rgba };
}

/** Blue, green, red, alpha with the alpha multiplied in, to red, green, blue, alpha without. */
function unpremultiply(bgra: Buffer): Uint8Array {
  const rgba = new Uint8Array(bgra.length);
  for (let at = 0; at < bgra.length; at += 4) {
    const alpha = bgra.readUInt8(at + 3);
    const straight = (value: number) =>
      alpha === 0 ? 0 : Math.min(255, Math.round((value * 255) / alpha));
    rgba[at] = straight(bgra.readUInt8(at + 2));
    rgba[at + 1] = straight(bgra.readUInt8(at + 1));
    rgba[at + 2] = straight(bgra.readUInt8(at));
    rgba[at + 3] = alpha;
  }
  return rgba;
}

/** Games that make their cursor anew for every frame give it a new number each time. */
function looksSame(a: CursorPicture, b: CursorPicture): boolean {
  if (a === b) return true;
  if (a.kind !== 'image' || b.kind !== 'image') return a.kind === b.kind;
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.hotspotX === b.hotspotX &&
    a.hotspotY === b.hotspotY &&
    Buffer.compare(a.rgba, b.rgba) === 0
  );
}

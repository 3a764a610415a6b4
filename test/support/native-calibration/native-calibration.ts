import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createClient } from 'x11';
import {
  CELL_BRIGHT,
  CELL_DARK,
  encodeCalibrationMark,
  GRID_COLUMNS,
  GRID_ROWS,
  PATCH_BRIGHT,
  PATCH_DARK,
  patchSize,
  STRIP_TOP,
} from '../../../protocol/calibration-picture.ts';

/*
 * A program for X that draws the calibration picture as a native game would: a window, a picture
 * sixty times a second, and one at once when a key or button goes down. Its strip counts presses where
 * the built-in scenes name an input. It keeps that count in a file of its home folder. Escape ends
 * it with code 0, F9 with code 3 and a last word.
 *
 * The first argument sets the pictures a second; 0 draws on presses alone.
 */

interface Screen {
  readonly root: number;
  readonly pixel_width: number;
  readonly pixel_height: number;
}

interface Client {
  readonly display: { readonly screen: readonly Screen[] };
  on(name: 'event', listener: (event: Event) => void): void;
  on(name: 'error' | 'end', listener: (error?: unknown) => void): void;
  AllocID(): number;
  CreateWindow(id: number, parent: number, ...rest: readonly (number | object)[]): void;
  CreateGC(id: number, drawable: number, values: object): void;
  MapWindow(id: number): void;
  PolyFillRectangle(drawable: number, gc: number, rectangles: readonly number[]): void;
}

interface Event {
  readonly name: string;
  readonly keycode: number;
  readonly width: number;
  readonly height: number;
}

/** Core event masks: key press, button press, exposure, structure. */
const EVENTS = 0x1 | 0x4 | 0x8000 | 0x20000;
/** Keycodes of an evdev keyboard. */
const ESCAPE = 9;
const F9 = 75;
const COUNT_FILE = `${process.env.HOME}/presses`;

/** The grey whose luma in BT.709 limited range is as given. */
function grey(luma: number): number {
  const level = Math.round(((luma - 16) * 255) / 219);
  return (level << 16) | (level << 8) | level;
}

function readCount(): number {
  try {
    return Number(readFileSync(COUNT_FILE, 'utf8'));
  } catch {
    // The first play of this player.
    return 0;
  }
}

class Picture {
  readonly #client: Client;
  readonly #window: number;
  readonly #gcs = new Map<number, number>();
  readonly #nonce = randomInt(65_536);
  #width = 0;
  #height = 0;
  #frameNumber = 0;
  #presses = readCount();
  #bright = false;
  #drawn = new Map<string, number>();
  /** Rectangles of the next picture, by colour. */
  readonly #due = new Map<number, number[]>();

  constructor(client: Client) {
    this.#client = client;
    this.#window = client.AllocID();
    const [screen] = client.display.screen;
    const { root = 0, pixel_width: width = 0, pixel_height: height = 0 } = screen ?? {};
    client.CreateWindow(this.#window, root, 0, 0, width, height, 0, 0, 0, 0, { eventMask: EVENTS });
    client.MapWindow(this.#window);
    this.#width = width;
    this.#height = height;
  }

  handleSize(width: number, height: number): void {
    if (width === this.#width && height === this.#height) return;
    this.#width = width;
    this.#height = height;
    this.handleExposed();
  }

  /** What was drawn may be gone. */
  handleExposed(): void {
    this.#drawn = new Map();
    this.draw();
  }

  press(): void {
    this.#presses++;
    this.#bright = !this.#bright;
    this.draw();
    writeFileSync(COUNT_FILE, String(this.#presses));
  }

  /**
   * Draws what is not drawn already: one request for each colour, all in one write, so that whoever
   * looks sees all of a picture or nothing of it.
   */
  draw(): void {
    if (this.#width === 0) return;
    this.#frameNumber++;
    const { width, height } = patchSize({ width: this.#width, height: this.#height });
    this.#texture();
    const words = encodeCalibrationMark({
      frameNumber: this.#frameNumber,
      inputSeq: this.#presses,
      nonce: this.#nonce,
    });
    for (const [row, word] of words.entries()) {
      for (let column = 0; column < GRID_COLUMNS; column++) {
        const bright = (word >>> (GRID_COLUMNS - 1 - column)) & 1;
        this.#unit(column, STRIP_TOP + row, grey(bright ? CELL_BRIGHT : CELL_DARK));
      }
    }
    this.#fill('patch', grey(this.#bright ? PATCH_BRIGHT : PATCH_DARK), 0, 0, width, height);
    this.#show();
  }

  /** A column of the middle that wanders: some work for the encoder in every picture. */
  #texture(): void {
    for (let row = 4; row < STRIP_TOP; row++) {
      for (let column = 8; column < GRID_COLUMNS; column++) {
        const on = (column + row * 3 + this.#frameNumber) % 8 === 0;
        this.#unit(column, row, on ? 0x3a6ea5 : 0x15202b);
      }
    }
  }

  #unit(column: number, row: number, colour: number): void {
    const left = Math.floor((column * this.#width) / GRID_COLUMNS);
    const top = Math.floor((row * this.#height) / GRID_ROWS);
    const right = Math.floor(((column + 1) * this.#width) / GRID_COLUMNS);
    const bottom = Math.floor(((row + 1) * this.#height) / GRID_ROWS);
    this.#fill(`${column},${row}`, colour, left, top, right - left, bottom - top);
  }

  #fill(name: string, colour: number, ...rectangle: number[]): void {
    if (this.#drawn.get(name) === colour) return;
    this.#drawn.set(name, colour);
    const rectangles = this.#due.get(colour);
    if (rectangles) rectangles.push(...rectangle);
    else this.#due.set(colour, rectangle);
  }

  #show(): void {
    for (const [colour, rectangles] of this.#due) {
      this.#client.PolyFillRectangle(this.#window, this.#gcFor(colour), rectangles);
    }
    this.#due.clear();
  }

  #gcFor(colour: number): number {
    const known = this.#gcs.get(colour);
    if (known !== undefined) return known;
    const gc = this.#client.AllocID();
    this.#client.CreateGC(gc, this.#window, { foreground: colour });
    this.#gcs.set(colour, gc);
    return gc;
  }
}

const framesPerSecond = Number(process.argv[2] ?? 60);
createClient({ bufferRequests: true }, (error, opened) => {
  if (error) throw error;
  const client = opened.client as unknown as Client;
  const picture = new Picture(client);
  client.on('end', () => process.exit(1));
  client.on('event', ({ name, keycode, width, height }) => {
    if (name === 'ConfigureNotify') picture.handleSize(width, height);
    if (name === 'Expose') picture.handleExposed();
    if (name === 'KeyPress' && keycode === ESCAPE) process.exit(0);
    if (name === 'KeyPress' && keycode === F9) {
      process.stderr.write('The calibration program was told to fail.\n');
      process.exit(3);
    }
    if (name === 'KeyPress' || name === 'ButtonPress') picture.press();
  });
  if (framesPerSecond > 0) setInterval(() => picture.draw(), 1000 / framesPerSecond);
});

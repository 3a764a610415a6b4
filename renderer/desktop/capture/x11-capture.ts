import type { XDamage } from 'x11';
import { RockpoolError, toRockpoolError } from '../../../protocol/errors.ts';
import { type Resolution, sameResolution } from '../../../protocol/stream-settings.ts';
import type { Clock, Scheduler } from '../../clock.ts';
import type { Picture } from '../../painter.ts';
import type { XConnection } from '../display/x-connection.ts';
import { DamageBox, type Rectangle } from './damage-box.ts';
import { GrabSchedule } from './grab-schedule.ts';
import { PictureMemory } from './picture-memory.ts';

/**
 * How long the server may refuse every grab. It does while the screen is smaller than the picture: when
 * one of the two was told of a new size before the other, for as long as a loaded machine takes.
 */
const REFUSAL_PATIENCE_US = 3_000_000;

export interface X11CaptureOptions {
  /** Of the screen, or of its upper left part. */
  readonly resolution: Resolution;
  /** Frames per second, at most. */
  readonly frameRate: number;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

/** Where a picture comes from. */
export interface GrabReport {
  /** When the first change in it was heard of; microseconds of the capture's clock. */
  readonly damagedUs: number;
  /** When its pixels were complete in memory; microseconds of the capture's clock. */
  readonly grabbedUs: number;
  /** Around everything that changed since the picture before; empty where it is that one once more. */
  readonly damage: Rectangle;
  /** Whether anything did; false where the picture was only asked for. */
  readonly changed: boolean;
}

const NOTHING: Rectangle = { x: 0, y: 0, width: 0, height: 0 };

/** What a picture is to be grabbed for. */
interface Damage {
  readonly box: DamageBox;
  /** Whether something was drawn; false where the picture was only asked for. */
  changed: boolean;
}

export interface CaptureListener {
  /** The picture is lent: release it once. Nobody writes into it before. */
  handlePicture(picture: Picture, report: GrabReport): void;
  /** No further picture will come. */
  handleFailure(error: RockpoolError): void;
}

/**
 * What an X screen shows, whenever it changes: XDamage says when, MIT-SHM brings the pixels.
 *
 * **No change is lost.** The damage is taken off (DamageSubtract) before the picture is grabbed, in the
 * same write, so what is drawn after the grab is damage again; what is drawn between the two is
 * in the picture and grabbed once more for nothing. At level BoundingBox the server says where, and
 * says nothing more until something is drawn outside that box: a game that draws ten thousand lines
 * makes a few events, not ten thousand.
 *
 * **No change is grabbed twice.** A game's first line is told of while it draws the others. By their
 * sequence numbers (X protocol §1), what was told of before the server came to our DamageSubtract is
 * in the picture that was asked for with it: a part of its damage, and no reason for another one.
 *
 * **Pictures are whole.** A program that finishes its frame elsewhere and shows it in one request is
 * never caught half way: Mesa's software GLX (glXSwapBuffers is one PutImage or ShmPutImage here, as
 * Xvfb has no DRI3), SDL, Chromium, Qt and GTK (PutImage, or CopyArea from a pixmap). One that draws
 * piece by piece into its window is caught whole where its pieces come in one write: the server
 * serves what a client has sent before it tells anybody of the damage, and again before it comes to
 * our request. Only a program that pauses within a frame is seen half drawn, as it would be on a
 * monitor. Waiting for it to be quiet would make every other game late.
 */
export class X11Capture {
  readonly #connection: XConnection;
  readonly #damageExtension: XDamage;
  readonly #damageId: number;
  readonly #clock: Clock;
  readonly #listener: CaptureListener;
  readonly #schedule: GrabSchedule;
  /** What no grab was begun for. */
  #damage: Damage = { box: new DamageBox(), changed: false };
  /** What is in the picture being grabbed. */
  #grabbed: Damage = { box: new DamageBox(), changed: false };
  /** Of the DamageSubtract before that picture. */
  #subtractedSeq = 0;
  readonly #stopListening: () => void;
  #memory: PictureMemory;
  #grabbing: Promise<void> | undefined;
  #resizing: Promise<void> = Promise.resolve();
  #refusedSinceUs: number | undefined;
  #running = false;
  #closing: Promise<void> | undefined;

  private constructor(
    connection: XConnection,
    damage: XDamage,
    memory: PictureMemory,
    options: X11CaptureOptions,
    listener: CaptureListener,
  ) {
    this.#connection = connection;
    this.#damageExtension = damage;
    this.#clock = options.clock;
    this.#listener = listener;
    this.#memory = memory;
    this.#schedule = new GrabSchedule({
      clock: options.clock,
      scheduler: options.scheduler,
      frameRate: options.frameRate,
      canGrab: () => !this.#grabbing && this.#memory.available,
      grab: (damagedUs) => this.#grab(damagedUs),
    });
    this.#damageId = connection.client.AllocID();
    this.#stopListening = connection.onEvent((event) => {
      if (event.name !== 'DamageNotify' || event.damage !== this.#damageId) return;
      const isGrabbed = this.#grabbing && event.seq < this.#subtractedSeq;
      const told = isGrabbed ? this.#grabbed : this.#damage;
      const { x, y, w, h } = event.area;
      told.box.add(x, y, w, h);
      told.changed = true;
      if (!isGrabbed) this.#schedule.handleDamage();
    });
    damage.Create(this.#damageId, connection.root, damage.ReportLevel.BoundingBox);
  }

  /**
   * Nothing is grabbed before {@link start}.
   * @throws RockpoolError `resource-limit` without shared memory, `game-failed` where the server
   * lacks what this needs.
   */
  static async open(
    connection: XConnection,
    options: X11CaptureOptions,
    listener: CaptureListener,
  ): Promise<X11Capture> {
    checkPixels(connection);
    const damage = await connection.extension('damage');
    let capture: X11Capture | undefined;
    const memory = await PictureMemory.open(connection, options.resolution, () => {
      if (capture) capture.#schedule.handleReady();
    });
    capture = new X11Capture(connection, damage, memory, options, listener);
    return capture;
  }

  /** The first picture is grabbed at once, changed or not; also the way back from {@link stop}. */
  start(): void {
    if (this.#running || this.#closing) return;
    this.#running = true;
    this.#wantAll();
    this.#schedule.start();
  }

  /** No picture comes until {@link start}; nothing is done meanwhile. */
  stop(): void {
    this.#running = false;
    this.#schedule.stop();
  }

  /**
   * Brings a picture as soon as the rate allows, though nothing may have changed: then the last one
   * once more, which costs neither the server nor this process a copy.
   */
  requestPicture(): void {
    this.#schedule.handleDamage();
  }

  /** The display was handed an input: see {@link GrabSchedule.expectChange}. */
  expectChange(): void {
    this.#schedule.expectChange();
  }

  setFrameRate(frameRate: number): void {
    this.#schedule.setFrameRate(frameRate);
  }

  /**
   * Changes follow one another. Pictures have the new size from when this resolves on, and not before
   * the screen has it too.
   * @throws RockpoolError `resource-limit` without shared memory for it: the old size goes on.
   */
  resize(resolution: Resolution): Promise<void> {
    const change = this.#resizing.then(() => this.#resize(resolution));
    this.#resizing = change.catch(() => undefined);
    return change;
  }

  /** Resolves when no grab is under way. Pictures still lent stay valid until they are released. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.stop();
    this.#stopListening();
    await this.#resizing;
    await this.#grabbing;
    if (!this.#connection.ended) {
      this.#damageExtension.Destroy(this.#damageId);
      this.#connection.client.ReleaseID(this.#damageId);
    }
    await this.#memory.close();
  }

  async #resize(resolution: Resolution): Promise<void> {
    const old = this.#memory;
    if (this.#closing || sameResolution(old.resolution, resolution)) return;
    const memory = await PictureMemory.open(this.#connection, resolution, () =>
      this.#schedule.handleReady(),
    );
    this.#memory = memory;
    this.#wantAll();
    await this.#grabbing;
    await old.close();
  }

  #wantAll(): void {
    this.#addAll();
    this.#schedule.handleDamage();
  }

  #addAll(): void {
    const { width, height } = this.#memory.resolution;
    this.#damage.box.add(0, 0, width, height);
  }

  #grab(damagedUs: number): void {
    if (this.#damage.box.isEmpty) {
      const last = this.#memory.repeat();
      if (last) {
        this.#grabbing = this.#bringAgain(this.#memory, last, damagedUs);
        return;
      }
      this.#addAll();
    }
    this.#damageExtension.Subtract(this.#damageId, 0, 0);
    this.#subtractedSeq = this.#connection.client.seq_num;
    [this.#damage, this.#grabbed] = [this.#grabbed, this.#damage];
    this.#damage.changed = false;
    this.#grabbing = this.#bring(this.#memory, damagedUs);
  }

  async #bring(memory: PictureMemory, damagedUs: number): Promise<void> {
    const { box } = this.#grabbed;
    let damage: Rectangle | undefined;
    const damageOf = () => {
      damage = box.take(memory.resolution);
      return damage;
    };
    try {
      const picture = await memory.grab(this.#connection.root, damageOf);
      this.#grabbing = undefined;
      this.#refusedSinceUs = undefined;
      const { changed } = this.#grabbed;
      const grabbedUs = this.#clock.nowUs();
      if (picture && damage) {
        this.#deliver(memory, picture, { damage, changed, damagedUs, grabbedUs });
      }
    } catch (thrown) {
      this.#grabbing = undefined;
      this.#handleRefusal(thrown);
    }
    this.#schedule.handleReady();
  }

  /** In a turn of its own, as others come: nobody who asks for a picture has it within the call. */
  async #bringAgain(memory: PictureMemory, picture: Picture, damagedUs: number): Promise<void> {
    await Promise.resolve();
    this.#grabbing = undefined;
    const grabbedUs = this.#clock.nowUs();
    this.#deliver(memory, picture, { damage: NOTHING, changed: false, damagedUs, grabbedUs });
    this.#schedule.handleReady();
  }

  #deliver(memory: PictureMemory, picture: Picture, report: GrabReport): void {
    if (this.#running && memory === this.#memory) this.#listener.handlePicture(picture, report);
    else picture.release();
  }

  #handleRefusal(thrown: unknown): void {
    if (this.#closing) return;
    const nowUs = this.#clock.nowUs();
    this.#refusedSinceUs ??= nowUs;
    this.#grabbed.box.clear();
    this.#damage.changed ||= this.#grabbed.changed;
    const { ended } = this.#connection;
    if (!ended && nowUs - this.#refusedSinceUs < REFUSAL_PATIENCE_US) {
      this.#wantAll();
      return;
    }
    this.stop();
    this.#listener.handleFailure(ended ?? toRockpoolError(thrown, 'game-failed'));
  }
}

/** @throws RockpoolError `game-failed` where pixels are not blue, green, red and a byte unused. */
function checkPixels({ client }: XConnection): void {
  const { format, image_byte_order: byteOrder, screen } = client.display;
  const depth = screen[0]?.root_depth ?? 0;
  if (depth === 24 && format[depth]?.bits_per_pixel === 32 && byteOrder === 0) return;
  const message = `The X screen has depth ${depth}; start it with 24, on a little-endian machine.`;
  throw new RockpoolError('game-failed', message);
}

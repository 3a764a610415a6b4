import { type RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { Build } from '../builds/build-folder.ts';
import type { RuntimeTime } from '../built-in-runtime.ts';
import {
  type GameInput,
  type GameRuntime,
  isEdge,
  type RuntimeOptions,
  type RuntimeOutput,
} from '../game-runtime.ts';
import type { Picture } from '../painter.ts';
import type { SandboxedProgram } from '../sandbox/program-order.ts';
import { AppliedInputs } from './applied-inputs.ts';
import type { GrabReport } from './capture/x11-capture.ts';
import { cursorOf } from './cursor-image.ts';
import { Desktop, type DesktopListener } from './desktop.ts';
import type { CursorPicture } from './display/x-cursor.ts';
import { PictureRefresh } from './picture-refresh.ts';
import { WINDOW_LIMIT_MS } from './window-limit.ts';

export interface DesktopRuntimeOptions {
  readonly build: Build;
  /** Whether it asks for the network and may have it. */
  readonly network: boolean;
  /** How long it may take to show a window, milliseconds; {@link WINDOW_LIMIT_MS} where left out. */
  readonly windowLimitMs?: number;
  readonly time: RuntimeTime;
  /** Told of the program before it starts, to watch it: it is the runtime's to end. */
  readonly handleProgram?: (program: SandboxedProgram) => void;
}

/**
 * Runs a build on a display of its own: a frame leaves when its program has drawn one. A frame's tick
 * is the moment at which the display heard of that; what the program did before is part of the time
 * an input waits.
 *
 * Closed while it starts, `start` resolves and no frame follows.
 */
export class DesktopRuntime implements GameRuntime {
  readonly #build: Build;
  readonly #network: boolean;
  readonly #windowLimitMs: number;
  readonly #time: RuntimeTime;
  readonly #handleProgram: DesktopRuntimeOptions['handleProgram'];
  readonly #abort = new AbortController();
  readonly #inputs = new AppliedInputs();
  readonly #refresh: PictureRefresh;
  #output: RuntimeOutput | undefined;
  #desktop: Desktop | undefined;
  #starting: Promise<void> | undefined;
  #frameNumber = 0;
  #suspended = false;
  #cursor: CursorPicture | undefined;

  constructor({ build, network, windowLimitMs, time, handleProgram }: DesktopRuntimeOptions) {
    this.#build = build;
    this.#network = network;
    this.#windowLimitMs = windowLimitMs ?? WINDOW_LIMIT_MS;
    this.#time = time;
    this.#handleProgram = handleProgram;
    this.#refresh = new PictureRefresh(time.scheduler, () =>
      this.#desktop?.capture.requestPicture(),
    );
  }

  async start(options: RuntimeOptions, output: RuntimeOutput): Promise<void> {
    this.#output = output;
    this.#starting = this.#start(options);
    await this.#starting;
  }

  handleInput(input: GameInput, receivedUs: number): void {
    const desktop = this.#desktop;
    if (!desktop || this.#closed) return;
    desktop.input.handle(input);
    if (isEdge(input)) desktop.capture.expectChange();
    if ('seq' in input) {
      this.#inputs.handleApplied(input.seq, receivedUs, this.#time.clock.nowUs());
      this.#refresh.handleInput();
    }
  }

  async reshape(resolution: Resolution, frameRate: number): Promise<void> {
    const desktop = this.#desktop;
    if (!desktop) return;
    desktop.capture.setFrameRate(frameRate);
    if (this.#build.manifest.resizable) await desktop.resize(resolution);
  }

  setSuspended(suspended: boolean): void {
    this.#suspended = suspended;
    const desktop = this.#desktop;
    if (!desktop || this.#closed) return;
    if (suspended) this.#refresh.stop();
    else this.#refresh.start();
    desktop
      .setSuspended(suspended)
      .catch((error: unknown) => this.#output?.handleTrouble(toRockpoolError(error)));
  }

  requestFrame(): void {
    if (!this.#suspended) this.#desktop?.capture.requestPicture();
  }

  async save(): Promise<Uint8Array | undefined> {
    return this.#desktop?.save();
  }

  async finish(): Promise<Uint8Array | undefined> {
    const desktop = this.#desktop;
    if (!desktop || this.#closed) return undefined;
    this.#suspended = true;
    this.#refresh.stop();
    await desktop.end();
    return desktop.save();
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#refresh.stop();
    // A start that fails is the starter's to report; here it only has to be over.
    await this.#starting?.catch(() => undefined);
    await this.#desktop?.close();
  }

  get #closed(): boolean {
    return this.#abort.signal.aborted;
  }

  async #start({ resolution, frameRate, save }: RuntimeOptions): Promise<void> {
    const { manifest } = this.#build;
    try {
      this.#desktop = await Desktop.open(
        {
          build: this.#build,
          resolution: manifest.resizable ? resolution : manifest.resolution,
          frameRate,
          network: this.#network,
          windowLimitMs: this.#windowLimitMs,
          save,
          time: this.#time,
        },
        this.#listener,
        this.#abort.signal,
      );
    } catch (thrown) {
      // What fails because it is closed under way has not failed.
      if (this.#closed) return;
      throw thrown;
    }
    this.setSuspended(this.#suspended);
  }

  readonly #listener: DesktopListener = {
    handlePicture: (picture, report) => this.#deliver(picture, report),
    handleSound: (block) => {
      if (!this.#suspended) this.#output?.handleSound(block);
    },
    handleRumble: (rumble) => this.#output?.handleRumble(rumble),
    handleTrouble: (error) => this.#output?.handleTrouble(error),
    handleCursor: (cursor) => this.#tellCursor(cursor),
    handleEnd: (error) => this.#handleEnd(error),
    handleProgram: (program) => this.#handleProgram?.(program),
  };

  #deliver(picture: Picture, { damagedUs, grabbedUs, changed }: GrabReport): void {
    if (this.#closed) {
      picture.release();
      return;
    }
    if (changed) this.#refresh.handleChange();
    const { seq, receivedUs } = this.#inputs.shownAt(damagedUs);
    this.#output?.handleFrame({
      format: picture.format,
      width: picture.width,
      height: picture.height,
      pixels: picture.pixels,
      frameNumber: this.#frameNumber++,
      inputSeq: seq,
      inputReceivedUs: receivedUs,
      tickUs: damagedUs,
      renderedUs: grabbedUs,
      isRepeat: !changed,
      release: picture.release,
    });
  }

  /** Converting takes a moment, in which the cursor may have changed again: the last one counts. */
  #tellCursor(picture: CursorPicture): void {
    this.#cursor = picture;
    cursorOf(picture)
      .then((cursor) => {
        if (picture === this.#cursor && !this.#closed) {
          this.#output?.handleCursor(cursor);
        }
      })
      .catch((thrown: unknown) => this.#output?.handleTrouble(toRockpoolError(thrown)));
  }

  #handleEnd(error: RockpoolError | undefined): void {
    this.#refresh.stop();
    if (error) this.#output?.handleFailure(error);
    else this.#output?.handleOver();
  }
}

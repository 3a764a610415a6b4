import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { RockpoolError } from '../../protocol/errors.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { Build } from '../builds/build-folder.ts';
import type { RuntimeTime } from '../built-in-runtime.ts';
import type { Rumble, SoundBlock } from '../game-runtime.ts';
import type { Picture } from '../painter.ts';
import { openSandbox } from '../sandbox/bubblewrap-sandbox.ts';
import { checkEntry, explainExit } from '../sandbox/program-check.ts';
import type { ProgramExit, ProgramOrder, SandboxedProgram } from '../sandbox/program-order.ts';
import { mayMakeNamespaces } from '../sandbox/sandbox-user.ts';
import { Belongings } from './belongings.ts';
import { BuildPage } from './build-page.ts';
import { type GrabReport, X11Capture } from './capture/x11-capture.ts';
import { makeDesktopFolder } from './desktop-folder.ts';
import { linuxProgram, programOrder, savePathsOf, webBuild } from './desktop-program.ts';
import { openSound } from './desktop-sound.ts';
import { probeGl } from './display/gl-probe.ts';
import { WindowPlacement } from './display/window-placement.ts';
import { XConnection } from './display/x-connection.ts';
import { type CursorPicture, XCursor } from './display/x-cursor.ts';
import { openDisplay, type XDisplay } from './display/x-display.ts';
import { DesktopInput } from './input/desktop-input.ts';
import { findPads, UinputPads } from './input/uinput-pads.ts';
import { XtestPort } from './input/xtest-port.ts';
import { packSaves, restoreSaves } from './saves/save-archive.ts';
import type { SoundServer } from './sound/sound-server.ts';

/** A browser writes what its page stored within a tenth of that. */
const PAGE_END_MS = 2000;

export interface DesktopOptions {
  readonly build: Build;
  readonly resolution: Resolution;
  /** Frames per second, at most. */
  readonly frameRate: number;
  readonly network: boolean;
  /** A program that shows nothing for longer has hung or waits for something it cannot have. */
  readonly windowLimitMs: number;
  readonly save: Uint8Array | undefined;
  readonly time: RuntimeTime;
}

/** Where a desktop reports. Calls never throw; none comes after `close`. */
export interface DesktopListener {
  handlePicture(picture: Picture, report: GrabReport): void;
  handleSound(block: SoundBlock): void;
  handleCursor(cursor: CursorPicture): void;
  handleRumble(rumble: Rumble): void;
  /** The game goes on without something. */
  handleTrouble(error: RockpoolError): void;
  /** What is about to start. */
  handleProgram(program: SandboxedProgram): void;
  /** Its program ended: by itself and in good order where there is no error. */
  handleEnd(error: RockpoolError | undefined): void;
}

/** What a desktop is made of, each closed by its belongings. */
interface DesktopParts {
  readonly display: XDisplay;
  readonly windows: WindowPlacement;
  readonly capture: X11Capture;
  readonly input: DesktopInput;
  readonly sound: SoundServer | undefined;
  readonly program: SandboxedProgram;
  /** Undefined where the build is a program of its own. */
  readonly page: BuildPage | undefined;
}

/** A display with a program on it, and everything that brings its picture out and input in. */
export class Desktop {
  readonly capture: X11Capture;
  readonly input: DesktopInput;
  readonly #options: DesktopOptions;
  readonly #listener: DesktopListener;
  readonly #signal: AbortSignal;
  readonly #parts: DesktopParts;
  readonly #belongings: Belongings;
  #ending = false;

  private constructor(opening: DesktopOpening, parts: DesktopParts) {
    this.#options = opening.options;
    this.#listener = opening.listener;
    this.#signal = opening.signal;
    this.#belongings = opening.belongings;
    this.#parts = parts;
    this.capture = parts.capture;
    this.input = parts.input;
  }

  /**
   * Resolves once the program shows a window.
   * @param signal aborted: the desktop is not wanted any more.
   * @throws RockpoolError that says what is wrong with the build or missing on this machine, with the
   * last that the program wrote; the signal's reason.
   */
  static async open(
    options: DesktopOptions,
    listener: DesktopListener,
    signal: AbortSignal,
  ): Promise<Desktop> {
    const belongings = new Belongings();
    try {
      const opening = new DesktopOpening(options, listener, signal, belongings);
      const { parts, order, window } = await opening.open();
      const desktop = new Desktop(opening, parts);
      await desktop.#untilShown(order, window);
      return desktop;
    } catch (thrown) {
      await belongings.close();
      throw thrown;
    }
  }

  /** What the game keeps, as one archive; undefined where there is nothing. */
  async save(): Promise<Uint8Array | undefined> {
    const saves = savePathsOf(this.#options.build.manifest);
    if (saves.length === 0 || this.#signal.aborted) return undefined;
    const { archive, entries } = await packSaves(homeOf(this.#parts.program), saves);
    // What was kept before and is gone now was deleted by the player.
    return entries > 0 || this.#options.save ? archive : undefined;
  }

  /** Asks the program to end, as a desktop does at the end of a session. */
  async end(): Promise<void> {
    this.#ending = true;
    const { capture, sound, program, page } = this.#parts;
    sound?.setSuspended(true);
    capture.stop();
    // It is to hear of it, and to write.
    await program.setPaused(false);
    if (page) await this.#within(PAGE_END_MS, page.quit(program.exited));
    await program.kill();
  }

  /** Nobody is there: picture and sound rest, and the game stands still. */
  async setSuspended(suspended: boolean): Promise<void> {
    const { capture, sound, program } = this.#parts;
    sound?.setSuspended(suspended);
    if (suspended) capture.stop();
    else capture.start();
    await program.setPaused(suspended);
  }

  /** Windows that fill the display follow. */
  async resize(resolution: Resolution): Promise<void> {
    const { display, windows, input, capture } = this.#parts;
    await display.resize(resolution);
    windows.resize(resolution);
    input.setDisplaySize(resolution);
    await capture.resize(resolution);
  }

  /** Ends everything at once and leaves nothing behind; safe to call again. */
  close(): Promise<void> {
    this.#ending = true;
    return this.#belongings.close();
  }

  /** Waits until the program that was started shows something. */
  async #untilShown(order: ProgramOrder, window: FirstWindow): Promise<void> {
    const { program, page } = this.#parts;
    const ended = program.exited.then(
      (exit) => page?.error ?? reasonOf(order, exit, program.logTail()),
    );
    const shown = Promise.all([window.shown, page?.ready]).then(() => 'shown' as const);
    const aborted = once(this.#signal, 'abort').then(() => undefined);
    const { windowLimitMs } = this.#options;
    const first = await this.#within(windowLimitMs, Promise.race([shown, ended, aborted]));
    this.#signal.throwIfAborted();
    if (first === 'late') throw tooLate(windowLimitMs, program.logTail());
    if (first !== 'shown') throw first ?? explainExit(order, GOOD_END, program.logTail());
    ended.then((error) => {
      if (!this.#ending) this.#listener.handleEnd(error);
    });
  }

  async #within<T>(limitMs: number, waiting: Promise<T>): Promise<T | 'late'> {
    let cancel = () => {};
    const late = new Promise<'late'>((resolve) => {
      cancel = this.#options.time.scheduler.after(limitMs, () => resolve('late'));
    });
    try {
      return await Promise.race([waiting, late]);
    } finally {
      cancel();
    }
  }
}

/** Opens what a desktop is made of, one after the other where one needs the other. */
class DesktopOpening {
  readonly options: DesktopOptions;
  readonly listener: DesktopListener;
  readonly signal: AbortSignal;
  readonly belongings: Belongings;

  constructor(
    options: DesktopOptions,
    listener: DesktopListener,
    signal: AbortSignal,
    belongings: Belongings,
  ) {
    this.options = options;
    this.listener = listener;
    this.signal = signal;
    this.belongings = belongings;
  }

  async open(): Promise<{ parts: DesktopParts; order: ProgramOrder; window: FirstWindow }> {
    const { build, resolution, network, save, time } = this.options;
    const { manifest } = build;
    const { display, sound } = await this.#openServers();
    const { name, authorityFile } = display;
    const handleFailure = (error: RockpoolError) => this.listener.handleEnd(error);
    const connection = this.#own(
      await XConnection.open({ display: name, authorityFile, handleFailure }),
    );
    const window = new FirstWindow();
    const windows = this.#own(await WindowPlacement.open(connection, resolution, window));
    this.#own(await XCursor.open(connection, this.listener));
    const capture = this.#own(await this.#openCapture(connection));
    const isWeb = manifest.runtime === 'web';
    const cores = Math.min(manifest.limits.cpus, availableParallelism());
    const { environment } = await probeGl({ display: name, authorityFile, cores });
    const virtualPads = isWeb ? undefined : await this.#openPads();
    const order = await programOrder(isWeb ? await webBuild(manifest) : linuxProgram(manifest), {
      build,
      display,
      sound,
      padNodes: virtualPads?.nodes ?? [],
      glEnvironment: environment,
      network,
      sessionName: randomBytes(6).toString('hex'),
    });
    if (!isWeb) await checkEntry(order);
    const program = this.#own(await openSandbox(order, { scheduler: time.scheduler }));
    this.listener.handleProgram(program);
    if (save) await restoreSaves(homeOf(program), save);
    await program.start();
    const page = program.pipes && new BuildPage(program.pipes, this.listener);
    const pads = page?.pads ?? virtualPads;
    const port = await XtestPort.open(connection.client);
    const input = this.#own(
      await DesktopInput.open({ port, resolution, manifest, time, ...(pads ? { pads } : {}) }),
    );
    this.signal.throwIfAborted();
    const parts = { display, windows, capture, input, sound, program, page };
    return { parts, order, window };
  }

  /** Pads of this machine, where it can make some and the game would know them. */
  async #openPads(): Promise<UinputPads | undefined> {
    const { players, nativePads } = this.options.build.manifest;
    if (!nativePads || (await findPads()).kind !== 'uinput') return undefined;
    return UinputPads.open(players, (rumble) => this.listener.handleRumble(rumble));
  }

  /** Display and sound, side by side. */
  async #openServers(): Promise<{ display: XDisplay; sound: SoundServer | undefined }> {
    const { resolution, frameRate, time } = this.options;
    const folder = this.belongings.add(await makeDesktopFolder(), (path) =>
      rm(path, { recursive: true, force: true }),
    );
    const { scheduler } = time;
    const ownMemory = await mayMakeNamespaces();
    // Nothing may be opening any more when the belongings are closed.
    const [display, sound] = await Promise.allSettled([
      openDisplay({ resolution, frameRate, folder, scheduler, ownMemory }),
      openSound(folder, time, {
        handleBlock: (block) => this.listener.handleSound(block),
        handleFailure: (error) => this.listener.handleTrouble(error),
      }),
    ]);
    for (const server of [display, sound]) {
      if (server.status === 'fulfilled') this.belongings.add(server.value, (one) => one?.close());
    }
    if (display.status === 'rejected') throw display.reason;
    if (sound.status === 'rejected') throw sound.reason;
    this.signal.throwIfAborted();
    return { display: display.value, sound: sound.value };
  }

  #openCapture(connection: XConnection): Promise<X11Capture> {
    const { resolution, frameRate, time } = this.options;
    return X11Capture.open(
      connection,
      { resolution, frameRate, ...time },
      {
        handlePicture: (picture, report) => this.listener.handlePicture(picture, report),
        handleFailure: (error) => this.listener.handleEnd(error),
      },
    );
  }

  #own<T extends { close(): Promise<void> | void }>(opened: T): T {
    this.belongings.add(opened, (thing) => thing.close());
    this.signal.throwIfAborted();
    return opened;
  }
}

const GOOD_END = { kind: 'exit', code: 0 } as const satisfies ProgramExit;

/** @returns undefined where the program ended in good order. */
function reasonOf(order: ProgramOrder, exit: ProgramExit, log: string): RockpoolError | undefined {
  if (exit.kind === 'exit' && exit.code === GOOD_END.code) return undefined;
  return explainExit(order, exit, log);
}

/** The folder itself rather than the link to it that a process's descriptors are. */
function homeOf({ homePath }: SandboxedProgram): string {
  return `${homePath}/.`;
}

/** Tells of the first window of a display. */
class FirstWindow {
  readonly shown: Promise<'shown'>;
  handleFirstWindow: () => void = () => undefined;

  handleWindowCount(): void {}

  constructor() {
    this.shown = new Promise((resolve) => {
      this.handleFirstWindow = () => resolve('shown');
    });
  }
}

function tooLate(limitMs: number, log: string): RockpoolError {
  const words = log.trim();
  const message = `The game has shown no window after ${limitMs / 1000} seconds.`;
  return new RockpoolError('game-failed', words ? `${message}\n${words.slice(-1200)}` : message);
}

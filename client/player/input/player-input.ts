import type { CursorMessage } from '../../../protocol/control-messages.ts';
import type { GuestRights } from '../../../protocol/guest-messages.ts';
import type { Scheduler } from '../scheduler.ts';
import { cursorStyles } from './cursor-style.ts';
import { GamepadInput } from './gamepad-input.ts';
import { InputSender, type InputSenderOptions } from './input-sender.ts';
import { KeyboardInput } from './keyboard-input.ts';
import { pictureBox, type Size } from './picture-mapping.ts';
import { PointerInput } from './pointer-input.ts';
import { VirtualPad } from './virtual-pad.ts';

/** What the input of a player needs of its page. */
export interface InputSurroundings {
  readonly window: EventTarget;
  readonly document: EventTarget &
    Pick<
      Document,
      | 'visibilityState'
      | 'pointerLockElement'
      | 'fullscreenElement'
      | 'activeElement'
      | 'exitPointerLock'
    >;
  readonly getGamepads: () => readonly (Gamepad | null)[];
  readonly onAnimationFrame: (task: () => void) => () => void;
  /** Keyboard Lock (WICG), where the browser has it. */
  readonly keyboard: { lock(): Promise<void>; unlock(): void } | undefined;
  readonly vibrate: ((durationMs: number) => void) | undefined;
  readonly scheduler: Scheduler;
}

export interface PlayerInputOptions extends InputSenderOptions {
  readonly target: HTMLElement;
  readonly video: HTMLVideoElement;
  readonly handlePads: (pads: readonly { readonly pad: number; readonly name: string }[]) => void;
  readonly handlePointerLock: (locked: boolean) => void;
}

/** All devices of one player, and what makes them let go: focus, tab and pointer lost. */
export class PlayerInput {
  readonly virtualPad: VirtualPad;
  readonly #options: PlayerInputOptions;
  readonly #surroundings: InputSurroundings;
  readonly #sender: InputSender;
  readonly #keyboard: KeyboardInput;
  readonly #pointer: PointerInput;
  readonly #gamepads: GamepadInput;
  #connected = false;
  #released = true;
  #enabled = true;
  #rights: GuestRights = 'all';
  #keyboardLocked = false;
  #pointerLocked = false;
  #cursor: CursorMessage = { type: 'cursor', shape: 'default' };
  #gameSize: Size = { width: 0, height: 0 };

  constructor(options: PlayerInputOptions, surroundings: InputSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    const { scheduler, window, document } = surroundings;
    this.#sender = new InputSender(options, scheduler);
    const { target, video } = options;
    const sendEdge: InputSender['sendEdge'] = (edge, atMs) => {
      this.#released = false;
      this.#sender.sendEdge(edge, atMs);
    };
    const sendMotion: InputSender['sendMotion'] = (motion) => this.#sender.sendMotion(motion);
    this.virtualPad = new VirtualPad(surroundings.vibrate);
    this.#keyboard = new KeyboardInput({
      target,
      scheduler,
      send: sendEdge,
      isLocked: () => this.#keyboardLocked,
    });
    this.#pointer = new PointerInput({
      target,
      picture: video,
      pictureBox: () => video.getBoundingClientRect(),
      pictureSize: () => ({ width: video.videoWidth, height: video.videoHeight }),
      isLocked: () => document.pointerLockElement === target,
      scheduler,
      sendEdge,
      sendMotion,
    });
    this.#gamepads = new GamepadInput({
      getGamepads: surroundings.getGamepads,
      window,
      virtualPad: this.virtualPad,
      scheduler,
      onAnimationFrame: surroundings.onAnimationFrame,
      sendEdge,
      sendMotion,
      handlePads: options.handlePads,
    });
    if (target.tabIndex < 0) target.tabIndex = 0;
    target.style.touchAction = 'none';
    target.addEventListener('blur', this.#release);
    window.addEventListener('blur', this.#release);
    window.addEventListener('pagehide', this.#release);
    window.addEventListener('resize', this.#showCursor);
    document.addEventListener('visibilitychange', this.#handleVisibility);
    document.addEventListener('pointerlockchange', this.#handlePointerLock);
    document.addEventListener('fullscreenchange', this.#handleFullscreen);
  }

  /** Number of the next edge of this session. */
  get nextSeq(): number {
    return this.#sender.nextSeq;
  }

  /** The channels of a connection are open. */
  handleConnected(): void {
    this.#connected = true;
    this.#released = false;
    this.#sender.handleConnected();
    this.#pointer.handleConnected();
    this.#gamepads.handleConnected();
    this.#gamepads.forget();
  }

  /** The connection is gone; its worker released everything by itself. */
  handleDisconnected(): void {
    this.#connected = false;
    this.#sender.handleDisconnected();
    this.#forget();
  }

  /** The worker has applied everything up to this edge. */
  handleApplied(seq: number): void {
    this.#sender.handleApplied(seq);
  }

  /** What follows belongs to another session, in which this is the number of the next edge. */
  handleNewSession(nextSeq: number): void {
    this.#sender.handleNewSession(nextSeq);
  }

  /** Keys go to the game from now on, unless the person is typing somewhere else. */
  focus(): void {
    const active = this.#surroundings.document.activeElement;
    if (!active || active.localName === 'body') {
      this.#options.target.focus({ preventScroll: true });
    }
  }

  /** False while a menu has the input: everything held is released. */
  setEnabled(enabled: boolean): void {
    if (enabled === this.#enabled) return;
    this.#enabled = enabled;
    if (!enabled) this.#release();
    this.#enableDevices();
  }

  /** What of it the game takes: a guest may have no right to all. The worker enforces it. */
  setRights(rights: GuestRights): void {
    if (rights === this.#rights) return;
    this.#rights = rights;
    this.#forget();
    this.#enableDevices();
  }

  ping(): void {
    this.#sender.sendMotion({ type: 'ping', clientUs: this.#surroundings.scheduler.now() * 1000 });
  }

  rumble(pad: number, strong: number, weak: number, durationMs: number): void {
    this.#gamepads.rumble(pad, strong, weak, durationMs);
  }

  setCursor(cursor: CursorMessage): void {
    this.#cursor = cursor;
    this.#showCursor();
  }

  /** The size of the game's own picture, which its cursor is measured in. */
  setGameSize(size: Size): void {
    this.#gameSize = size;
    this.#showCursor();
  }

  /** Raw movement without the system's acceleration where there is such a thing. Needs a user gesture. */
  async requestPointerLock(): Promise<void> {
    const { target } = this.#options;
    try {
      await target.requestPointerLock({ unadjustedMovement: true });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'NotSupportedError') throw error;
      await target.requestPointerLock();
    }
  }

  exitPointerLock(): void {
    if (this.#pointerLocked) this.#surroundings.document.exitPointerLock();
  }

  close(): void {
    this.#release();
    const { target } = this.#options;
    const { window, document, keyboard } = this.#surroundings;
    target.removeEventListener('blur', this.#release);
    window.removeEventListener('blur', this.#release);
    window.removeEventListener('pagehide', this.#release);
    window.removeEventListener('resize', this.#showCursor);
    document.removeEventListener('visibilitychange', this.#handleVisibility);
    document.removeEventListener('pointerlockchange', this.#handlePointerLock);
    document.removeEventListener('fullscreenchange', this.#handleFullscreen);
    if (this.#keyboardLocked) keyboard?.unlock();
    this.exitPointerLock();
    this.#sender.handleDisconnected();
    this.#keyboard.close();
    this.#pointer.close();
    this.#gamepads.close();
  }

  /** Losing focus comes as several events at once: the worker is told once until something is pressed. */
  readonly #release = (): void => {
    this.#forget();
    if (this.#released || !this.#connected) return;
    this.#sender.sendEdge({ type: 'release-all' }, this.#surroundings.scheduler.now());
    this.#released = true;
  };

  #enableDevices(): void {
    const has = (...rights: GuestRights[]) => this.#enabled && rights.includes(this.#rights);
    this.#keyboard.setEnabled(has('all'));
    this.#pointer.setEnabled(has('all'));
    this.#gamepads.setEnabled(has('all', 'pad'));
    if (has('all', 'pad')) this.#gamepads.forget();
  }

  #forget(): void {
    this.#keyboard.forget();
    this.#pointer.forget();
    this.#gamepads.forget();
  }

  readonly #showCursor = (): void => {
    const { target, video } = this.#options;
    const { width } = this.#gameSize;
    const shown = pictureBox(video.getBoundingClientRect(), this.#gameSize);
    const scale = width > 0 && shown.width > 0 ? shown.width / width : 1;
    for (const style of cursorStyles(this.#cursor, scale)) target.style.cursor = style;
  };

  readonly #handleVisibility = (): void => {
    if (this.#surroundings.document.visibilityState === 'hidden') this.#release();
    else this.#released = false;
  };

  readonly #handlePointerLock = (): void => {
    const locked = this.#surroundings.document.pointerLockElement === this.#options.target;
    if (locked === this.#pointerLocked) return;
    this.#pointerLocked = locked;
    if (!locked) this.#release();
    this.#options.handlePointerLock(locked);
  };

  readonly #handleFullscreen = (): void => {
    const { document, keyboard } = this.#surroundings;
    const full = document.fullscreenElement?.contains(this.#options.target) ?? false;
    if (!keyboard || full === this.#keyboardLocked) return;
    if (!full) {
      this.#keyboardLocked = false;
      keyboard.unlock();
      return;
    }
    keyboard.lock().then(
      () => {
        this.#keyboardLocked = true;
      },
      (error: unknown) => console.error('The browser keeps its shortcuts.', error),
    );
  };
}

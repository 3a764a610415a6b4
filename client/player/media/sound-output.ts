/** What unlocks sound: a touch counts when it ends, everything else when it begins. */
const GESTURES = ['pointerdown', 'pointerup', 'keydown'] as const;

export interface SoundOutputOptions {
  /**
   * A media element of its own rather than the picture's, which would delay the picture for
   * lip-sync, and rather than an AudioContext, which adds a buffer and in Chromium is silent for remote
   * streams unless an element pulls them too.
   */
  readonly audio: HTMLAudioElement;
  /** Where gestures are heard. */
  readonly window: EventTarget;
  readonly handleBlocked: (blocked: boolean) => void;
}

/** Plays the game's sound as soon as the browser lets it. */
export class SoundOutput {
  readonly #options: SoundOutputOptions;
  #blocked = false;
  #closed = false;

  constructor(options: SoundOutputOptions) {
    this.#options = options;
  }

  /** 0 to 1. */
  setVolume(volume: number): void {
    this.#options.audio.volume = Math.min(Math.max(volume, 0), 1);
  }

  play(track: MediaStreamTrack): void {
    this.#options.audio.srcObject = new MediaStream([track]);
    this.#start();
  }

  /** Tries again; works when called from a user gesture. */
  enable(): Promise<void> {
    return this.#start();
  }

  close(): void {
    this.#closed = true;
    this.#setBlocked(false);
    this.#options.audio.pause();
    this.#options.audio.srcObject = null;
  }

  async #start(): Promise<void> {
    if (!this.#options.audio.srcObject) return;
    try {
      await this.#options.audio.play();
      this.#setBlocked(false);
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (name === 'NotAllowedError') this.#setBlocked(true);
      // `AbortError`: replaced by a newer stream, or closed, before it began.
      else if (name !== 'AbortError') console.error('The browser does not play the sound.', error);
    }
  }

  #setBlocked(blocked: boolean): void {
    if (blocked === this.#blocked || (blocked && this.#closed)) return;
    this.#blocked = blocked;
    const { window, handleBlocked } = this.#options;
    for (const gesture of GESTURES) {
      if (blocked) window.addEventListener(gesture, this.#handleGesture, { capture: true });
      else window.removeEventListener(gesture, this.#handleGesture, { capture: true });
    }
    handleBlocked(blocked);
  }

  readonly #handleGesture = (): void => {
    this.#start();
  };
}

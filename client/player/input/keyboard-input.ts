import { KEY_CODES, type KeyCode, keyCodeIndex } from '../../../protocol/key-codes.ts';
import type { Scheduler } from '../scheduler.ts';
import { eventTimeMs } from './event-time.ts';
import type { InputEdge } from './input-sender.ts';

/** Reload, full screen and developer tools belong to the person, not to the game. */
const BROWSER_KEYS: ReadonlySet<string> = new Set(['F5', 'F11', 'F12']);

/** With Ctrl: close, new tab or window, reload, address, zoom. Others (save, find) go to the game. */
const BROWSER_CTRL_KEYS: ReadonlySet<string> = new Set([
  'KeyW',
  'KeyT',
  'KeyN',
  'KeyR',
  'KeyL',
  'Tab',
  'Equal',
  'Minus',
  'Digit0',
]);

function keyCode(code: string): KeyCode | undefined {
  const index = keyCodeIndex(code);
  return index === undefined ? undefined : KEY_CODES[index];
}

export interface KeyboardInputOptions {
  /** Listened on. Only events aimed at it are the game's, not those of controls inside it. */
  readonly target: EventTarget;
  readonly scheduler: Scheduler;
  readonly send: (edge: InputEdge, atMs: number) => void;
  /** True while Keyboard Lock gives the page every key. */
  readonly isLocked: () => boolean;
}

/** Physical keys to edges. */
export class KeyboardInput {
  readonly #options: KeyboardInputOptions;
  readonly #held = new Set<KeyCode>();
  #enabled = true;

  constructor(options: KeyboardInputOptions) {
    this.#options = options;
    options.target.addEventListener('keydown', this.#handleDown);
    options.target.addEventListener('keyup', this.#handleUp);
  }

  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
  }

  /** The worker was told to release everything: a key still down counts again once it was let go. */
  forget(): void {
    this.#held.clear();
  }

  close(): void {
    this.#options.target.removeEventListener('keydown', this.#handleDown);
    this.#options.target.removeEventListener('keyup', this.#handleUp);
  }

  readonly #handleDown = (event: Event): void => {
    const key = event as KeyboardEvent;
    if (!this.#enabled || key.defaultPrevented || key.target !== this.#options.target) return;
    const code = keyCode(key.code);
    if (code === undefined || this.#isForBrowser(key)) return;
    key.preventDefault();
    if (key.repeat || this.#held.has(code)) return;
    this.#held.add(code);
    this.#send(true, code, key);
  };

  readonly #handleUp = (event: Event): void => {
    const key = event as KeyboardEvent;
    const code = keyCode(key.code);
    if (code === undefined) return;
    if (this.#held.delete(code)) {
      key.preventDefault();
      this.#send(false, code, key);
    }
    // macOS tells no keyup of a key let go while Meta is held.
    if (code !== 'MetaLeft' && code !== 'MetaRight') return;
    for (const held of this.#held) this.#send(false, held, key);
    this.#held.clear();
  };

  #isForBrowser(key: KeyboardEvent): boolean {
    if (this.#options.isLocked()) return key.code === 'F11';
    if (BROWSER_KEYS.has(key.code)) return true;
    if (key.metaKey && !key.code.startsWith('Meta')) return true;
    return key.ctrlKey && !key.altKey && BROWSER_CTRL_KEYS.has(key.code);
  }

  #send(down: boolean, code: KeyCode, event: KeyboardEvent): void {
    this.#options.send(
      { type: 'key', down, code },
      eventTimeMs(event.timeStamp, this.#options.scheduler.now()),
    );
  }
}

import type { Scheduler } from '../scheduler.ts';

const CHECK_INTERVAL_MS = 250;
/**
 * Two seconds. Pings are answered twice a second and reports come with every frame, so eight checks in
 * a row without a word is no loss a game could be played through; browsers take five
 * seconds and more to say so. Checks are counted, not time: a page that was held up or throttled has
 * heard nothing because it did not listen.
 */
const SILENT_CHECKS = 8;
/** One second is enough where something else says, too, that the far side is gone. */
const SUSPECT_SILENT_CHECKS = 4;

export interface SilenceListener {
  handleSilence(): void;
  /** Something arrived after a silence. */
  handleSoundAgain(): void;
}

/** Notices that nothing arrives any more on a connection that is open. */
export class SilenceDetector {
  readonly #scheduler: Scheduler;
  readonly #listener: SilenceListener;
  #heard = false;
  #quietChecks = 0;
  #silent = false;
  #suspect = false;
  #cancel: (() => void) | undefined;

  constructor(scheduler: Scheduler, listener: SilenceListener) {
    this.#scheduler = scheduler;
    this.#listener = listener;
  }

  get silent(): boolean {
    return this.#silent;
  }

  /** A new connection is open. */
  start(): void {
    this.stop();
    this.#heard = true;
    this.#next();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#silent = false;
    this.#quietChecks = 0;
  }

  /** Whether something else says that the far side is gone. */
  setSuspect(suspect: boolean): void {
    this.#suspect = suspect;
  }

  /** Anything arrived. Called with every message. */
  handleHeard(): void {
    this.#heard = true;
    if (!this.#silent) return;
    this.#silent = false;
    this.#quietChecks = 0;
    this.#listener.handleSoundAgain();
  }

  /** The browser itself says that nothing arrives. */
  handleDisconnected(): void {
    this.#heard = false;
    if (!this.#cancel || this.#silent) return;
    this.#silent = true;
    this.#listener.handleSilence();
  }

  #next(): void {
    this.#cancel = this.#scheduler.after(CHECK_INTERVAL_MS, () => {
      this.#next();
      this.#quietChecks = this.#heard ? 0 : this.#quietChecks + 1;
      this.#heard = false;
      const enough = this.#suspect ? SUSPECT_SILENT_CHECKS : SILENT_CHECKS;
      if (this.#quietChecks >= enough) this.handleDisconnected();
    });
  }
}

import type { Scheduler } from '../scheduler.ts';
import { SilenceDetector } from './silence-detector.ts';

/**
 * From the wish to packets: two trips through signaling, gathering, and a check in each direction.
 * On a path of 300 ms that is under 2 s; a STUN check that was lost is repeated within another 2
 * (RFC 8445 §14.3). What takes longer is quicker replaced.
 */
const DEADLINE_MS = 4500;

export interface PathRecoveryOptions {
  readonly scheduler: Scheduler;
  /** Whether the worker can be asked now. */
  readonly mayAsk: () => boolean;
  /** Asks the worker for an offer with new ICE credentials. */
  readonly askForRestart: () => void;
  /** Takes a new socket to signaling: the old one may hang on the network that is gone. */
  readonly renewSignaling: () => void;
  readonly handleSilence: () => void;
  /** Packets again, on the same connection. */
  readonly handleRecovered: () => void;
  /** ICE was restarted, and still nothing arrives. */
  readonly handleFutile: () => void;
}

/**
 * Keeps a connection over a change of network: when the browser tells of one, or when nothing
 * arrives any more, it moves to another path by an ICE restart (RFC 8445 §2.4), or is found lost.
 */
export class PathRecovery {
  readonly #options: PathRecoveryOptions;
  readonly #silence: SilenceDetector;
  #open = false;
  #wanted = false;
  #cancelDeadline: (() => void) | undefined;

  constructor(options: PathRecoveryOptions) {
    this.#options = options;
    this.#silence = new SilenceDetector(options.scheduler, {
      handleSilence: () => {
        options.handleSilence();
        // It may have been given up meanwhile.
        if (this.#open && !this.#wanted && !this.#cancelDeadline) this.#restart();
      },
      handleSoundAgain: () => {
        this.#forget();
        options.handleRecovered();
      },
    });
  }

  get silent(): boolean {
    return this.#silence.silent;
  }

  /** A new connection is open. */
  start(): void {
    this.stop();
    this.#open = true;
    this.#silence.start();
  }

  stop(): void {
    this.#open = false;
    this.#forget();
    this.#silence.stop();
  }

  /** Whether something else says that the far side is gone: silence is believed sooner. */
  setSuspect(suspect: boolean): void {
    this.#silence.setSuspect(suspect);
  }

  /** Anything arrived. Called with every message. */
  handleHeard(): void {
    this.#silence.handleHeard();
  }

  /** The browser itself says that nothing arrives. */
  handleDisconnected(): void {
    this.#silence.handleDisconnected();
  }

  /** Packets may still come for a moment on the path that is going away: they settle nothing. */
  handleNetworkChange(): void {
    this.#restart();
  }

  /** The worker can be asked again. */
  flush(): void {
    if (!this.#wanted || !this.#options.mayAsk()) return;
    this.#forget();
    this.#options.askForRestart();
    this.#cancelDeadline = this.#options.scheduler.after(DEADLINE_MS, () => {
      this.#cancelDeadline = undefined;
      if (this.silent) this.#options.handleFutile();
    });
  }

  #restart(): void {
    this.#wanted = this.#open;
    this.#options.renewSignaling();
    this.flush();
  }

  #forget(): void {
    this.#wanted = false;
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
  }
}

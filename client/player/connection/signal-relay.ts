import type { SessionId } from '../../../protocol/ids.ts';
import type { SessionSignal } from '../../../protocol/session-signal.ts';

type Payload = SessionSignal['payload'];

/** A description and its candidates, many times over. */
const KEPT_SIGNALS = 64;

export interface SignalRelayOptions {
  /** Whether signaling relays this session to and from here now. */
  readonly isOpen: () => boolean;
  readonly request: (signal: SessionSignal) => Promise<unknown>;
  /** For the connection of the current attempt. */
  readonly handlePayload: (payload: Payload) => void;
}

/**
 * SDP and ICE between this player and the worker of its session. What comes before the attempt it
 * belongs to waits for it; what is to be sent while signaling is away waits for signaling.
 */
export class SignalRelay {
  readonly #options: SignalRelayOptions;
  #current: { readonly sessionId: SessionId; readonly attempt: number } | undefined;
  #early: SessionSignal[] = [];
  #waiting: Payload[] = [];

  constructor(options: SignalRelayOptions) {
    this.#options = options;
  }

  /** A new connection of the session is there to take what belongs to it. */
  handleAttempt(sessionId: SessionId, attempt: number): void {
    this.#current = { sessionId, attempt };
    this.#waiting = [];
    const early = this.#early;
    this.#early = [];
    for (const signal of early) this.handleSignal(signal);
  }

  handleSignal(signal: SessionSignal): void {
    const current = this.#current;
    if (current && signal.sessionId !== current.sessionId) return;
    if (current && signal.attempt === current.attempt) this.#options.handlePayload(signal.payload);
    else if (!current || signal.attempt > current.attempt) {
      if (this.#early.length < KEPT_SIGNALS) this.#early.push(signal);
    }
  }

  send(payload: Payload): void {
    if (!this.#current) return;
    if (!this.#options.isOpen()) {
      if (this.#waiting.length < KEPT_SIGNALS) this.#waiting.push(payload);
      return;
    }
    this.#options.request({ ...this.#current, payload }).catch((error: unknown) => {
      // A candidate more or less decides nothing; where it does, the connection times out.
      console.error('Signaling did not relay a message.', error);
    });
  }

  /** Signaling relays this session again. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const payload of waiting) this.send(payload);
  }
}

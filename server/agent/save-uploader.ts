import type { Logger } from 'pino';
import type { SaveOwner } from '../../protocol/save-order.ts';
import type { RemoteSaves } from './remote-saves.ts';

const FIRST_DELAY_MS = 1_000;
/** A session's save is welcome for ten minutes after its end: several attempts come before that. */
const MAX_DELAY_MS = 60_000;

/** The largest save over an uplink of 5 Mbit/s; what takes longer is given up and tried again. */
const UPLOAD_LIMIT_MS = 110_000;

export interface SaveUploaderOptions {
  readonly remote: RemoteSaves;
  /** The newest save at this moment. */
  readonly read: (owner: SaveOwner) => Promise<Uint8Array | undefined>;
  /** Runs once after so many milliseconds; what it returns cancels that. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly log: Pick<Logger, 'debug' | 'warn'>;
}

interface Upload {
  readonly owner: SaveOwner;
  token: string;
  /** A newer save has come since the attempt under way began. */
  again: boolean;
  failures: number;
  /** Undefined while an attempt is under way. */
  cancelWait: (() => void) | undefined;
  /** Called when it has been taken or refused, and when an attempt fails: nobody waits for the next. */
  readonly waiting: Set<() => void>;
}

/** Brings the newest save of each player and game to signaling, one upload at a time for each. */
export class SaveUploader {
  readonly #options: SaveUploaderOptions;
  readonly #uploads = new Map<string, Upload>();
  readonly #abort = new AbortController();

  constructor(options: SaveUploaderOptions) {
    this.#options = options;
  }

  /** There is a newer save than what signaling has. Tried until it is taken or refused. */
  offer(owner: SaveOwner, token: string): void {
    if (this.#abort.signal.aborted) return;
    const known = this.#uploads.get(keyOf(owner));
    if (known) {
      known.token = token;
      known.again = true;
      if (known.cancelWait) this.#attemptNow(known);
      return;
    }
    const upload: Upload = {
      owner,
      token,
      again: false,
      failures: 0,
      cancelWait: undefined,
      waiting: new Set(),
    };
    this.#uploads.set(keyOf(owner), upload);
    this.#attempt(upload);
  }

  /** Resolves when signaling has the newest save or will not take it now, or as many milliseconds later. */
  async settled(owner: SaveOwner, limitMs: number): Promise<void> {
    const upload = this.#uploads.get(keyOf(owner));
    if (!upload || upload.cancelWait) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        upload.waiting.delete(done);
        cancel();
        resolve();
      };
      const cancel = this.#options.after(limitMs, done);
      upload.waiting.add(done);
    });
  }

  /** What has not been taken stays where it is. */
  close(): void {
    this.#abort.abort();
    for (const upload of this.#uploads.values()) {
      upload.cancelWait?.();
      wake(upload);
    }
    this.#uploads.clear();
  }

  #attemptNow(upload: Upload): void {
    upload.cancelWait?.();
    upload.cancelWait = undefined;
    this.#attempt(upload);
  }

  async #attempt(upload: Upload): Promise<void> {
    const { playerId, gameId } = upload.owner;
    upload.again = false;
    try {
      await this.#bring(upload);
    } catch (err) {
      if (this.#abort.signal.aborted) return;
      this.#options.log.warn({ err, playerId, gameId }, 'a save could not be brought to signaling');
      this.#retryLater(upload);
      wake(upload);
      return;
    }
    if (this.#abort.signal.aborted) return;
    if (upload.again) {
      upload.failures = 0;
      this.#attempt(upload);
      return;
    }
    this.#uploads.delete(keyOf(upload.owner));
    wake(upload);
  }

  async #bring({ owner, token }: Upload): Promise<void> {
    const { read, remote, log } = this.#options;
    const save = await read(owner);
    if (!save) return;
    const limit = new AbortController();
    const cancel = this.#options.after(UPLOAD_LIMIT_MS, () => limit.abort());
    try {
      const signal = AbortSignal.any([this.#abort.signal, limit.signal]);
      const taken = await remote.write(owner, token, save, signal);
      const { playerId, gameId } = owner;
      if (taken) log.debug({ playerId, gameId, bytes: save.length }, 'signaling has the save');
      else log.warn({ playerId, gameId }, 'signaling did not want a save: it stays here');
    } finally {
      cancel();
    }
  }

  #retryLater(upload: Upload): void {
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** upload.failures);
    upload.failures++;
    // Containers that lost the same signaling do not all come back at once.
    const jitteredMs = delayMs * (0.5 + this.#options.random() / 2);
    upload.cancelWait = this.#options.after(jitteredMs, () => this.#attemptNow(upload));
  }
}

function keyOf({ playerId, gameId }: SaveOwner): string {
  return `${playerId}/${gameId}`;
}

function wake({ waiting }: Upload): void {
  for (const done of [...waiting]) done();
}

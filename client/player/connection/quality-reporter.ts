import { toRockpoolError } from '../../../protocol/errors.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import type { QualityReport } from '../../../protocol/quality-report.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SignalingConnection } from './signaling-connection.ts';

/** What a page that is closed without a word played since the last report is not counted. */
const INTERVAL_MS = 15_000;

export interface QualityReporterOptions {
  readonly scheduler: Scheduler;
  readonly signaling: () => Pick<SignalingConnection, 'request' | 'ready'>;
  /** Of the present session so far; undefined where nothing was played. */
  readonly quality: () => QualityReport | undefined;
}

/** Tells signaling how a session is, now and then and at its end. */
export class QualityReporter {
  readonly #options: QualityReporterOptions;
  #sessionId: SessionId | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: QualityReporterOptions) {
    this.#options = options;
  }

  start(sessionId: SessionId): void {
    this.#cancel?.();
    this.#sessionId = sessionId;
    this.#next();
  }

  /** The session is over, or this page leaves it. */
  stop(): void {
    this.#report();
    this.#sessionId = undefined;
    this.#cancel?.();
  }

  #next(): void {
    this.#cancel = this.#options.scheduler.after(INTERVAL_MS, () => {
      this.#report();
      this.#next();
    });
  }

  #report(): void {
    const signaling = this.#options.signaling();
    const report = this.#options.quality();
    const sessionId = this.#sessionId;
    if (!report || !sessionId || !signaling.ready) return;
    signaling.request('quality', { sessionId, report }).catch((error: unknown) => {
      // The next one tells of the same and more; after the last nobody waits for an answer.
      if (toRockpoolError(error).code !== 'timeout') {
        console.error('The server did not take a report of quality.', error);
      }
    });
  }
}

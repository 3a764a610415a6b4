import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { RtpStream } from './rtp-stream.ts';

/** Receivers measure the round trip and synchronise by these; one a second is 0.1 % of 1 Mbit/s. */
const INTERVAL_MS = 1000;

export interface SenderReportsParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Canonical name (RFC 3550 §6.5.1). */
  readonly cname: string;
}

/** Sends a report on each stream every second, from now on (RFC 3550 §6.4.1). */
export class SenderReports {
  readonly #parts: SenderReportsParts;
  readonly #streams: readonly (RtpStream | undefined)[];
  readonly #send: (report: Buffer) => void;
  #cancel: (() => void) | undefined;

  /** @param send at once, past the queue: a late report would be a wrong measure of the round trip. */
  constructor(
    parts: SenderReportsParts,
    streams: readonly (RtpStream | undefined)[],
    send: (report: Buffer) => void,
  ) {
    this.#parts = parts;
    this.#streams = streams;
    this.#send = send;
    this.#arm();
  }

  /** Idempotent. */
  close(): void {
    this.#cancel?.();
  }

  #arm(): void {
    this.#cancel = this.#parts.scheduler.after(INTERVAL_MS, () => {
      this.#report();
      this.#arm();
    });
  }

  #report(): void {
    const nowUs = this.#parts.clock.nowUs();
    for (const stream of this.#streams) {
      const report = stream?.senderReport(nowUs, this.#parts.cname);
      if (report) this.#send(report);
    }
  }
}

import type { RateTraceData } from './link-model.ts';

interface Piece {
  readonly endUs: number;
  /** A byte per microsecond is 8 Mbit/s. */
  readonly bytesPerUs: number;
}

/** A rate that changes in steps and repeats. All times are microseconds since its beginning. */
export class RateTrace {
  readonly #pieces: readonly Piece[];
  readonly #loopUs: number;
  readonly #loopBytes: number;

  constructor(data: RateTraceData) {
    let endUs = 0;
    let bytes = 0;
    this.#pieces = data.map(({ durationMs, bitrateBps }) => {
      const bytesPerUs = bitrateBps / 8e6;
      endUs += durationMs * 1000;
      bytes += durationMs * 1000 * bytesPerUs;
      return { endUs, bytesPerUs };
    });
    this.#loopUs = endUs;
    this.#loopBytes = bytes;
  }

  /** When the last of `bytes` has left that begin to leave at `startUs`. */
  finishUs(startUs: number, bytes: number): number {
    let atUs = startUs;
    let left = bytes;
    for (;;) {
      const loopStartUs = this.#loopStartUs(atUs);
      for (const { endUs, bytesPerUs } of this.#pieces) {
        const roomUs = loopStartUs + endUs - atUs;
        if (roomUs <= 0) continue;
        const needUs = left / bytesPerUs;
        if (needUs <= roomUs) return atUs + needUs;
        left -= roomUs * bytesPerUs;
        atUs = loopStartUs + endUs;
      }
    }
  }

  /** What could leave from one time to a later one. */
  bytesBetween(fromUs: number, toUs: number): number {
    return this.#bytesBefore(toUs) - this.#bytesBefore(fromUs);
  }

  #loopStartUs(atUs: number): number {
    return Math.floor(atUs / this.#loopUs) * this.#loopUs;
  }

  #bytesBefore(untilUs: number): number {
    const loopStartUs = this.#loopStartUs(untilUs);
    let bytes = (loopStartUs / this.#loopUs) * this.#loopBytes;
    let beganUs = 0;
    for (const { endUs, bytesPerUs } of this.#pieces) {
      const insideUs = Math.min(untilUs - loopStartUs, endUs) - beganUs;
      if (insideUs <= 0) break;
      bytes += insideUs * bytesPerUs;
      beganUs = endUs;
    }
    return bytes;
  }
}

import { DelayGauge } from './delay-gauge.ts';

/**
 * In order of what they cost: ask again for no buffering and for a keyframe; show the picture through
 * a fresh stream, which drops what the element has queued; replace the connection.
 */
const STEPS = ['refresh', 'reattach', 'reconnect'] as const;
export type WatchdogStep = (typeof STEPS)[number];

/** What the page knows of its stream, four times a second. */
export interface WatchdogReading {
  /** `performance.now()` time. */
  readonly atMs: number;
  /** Since the connection began. */
  readonly framesReceived: number;
  /** Shown on the page since it began; undefined where the browser does not tell. */
  readonly framesShown: number | undefined;
  /** Packets lost, repaired or not, since the connection began. */
  readonly losses: number;
  /** Mean time in the jitter buffer since the last reading; undefined where no frame left it. */
  readonly bufferMs: number | undefined;
  /** Median time from a frame's last packet to the screen since the last reading. */
  readonly holdMs: number | undefined;
  /** Spent decoding since the connection began. */
  readonly decodeMs: number;
  /** Round trip of the pings. */
  readonly rttMs: number | undefined;
  /** Variation of the packets' travel time. */
  readonly jitterMs: number | undefined;
}

export interface LatencyWatchdogOptions {
  /** False where the step cannot be taken now. */
  readonly takeStep: (step: WatchdogStep) => boolean;
}

/** Decoder, buffer and pings have settled by then, after a start and after a tab came back. */
const GRACE_MS = 3000;
/** A freeze anybody notices, and four times what a lost keyframe takes at a round trip of 100 ms. */
const STALL_MS = 1000;
/** So many frames received and none shown: a game that draws once a second stalls nothing. */
const STALL_FRAMES = 3;
/** Three frames at 60 a second: more than the display's own beat moves a median (one frame). */
const TOLERANCE_MS = 50;
/** Growth that passes by itself, such as a page that was busy, passes in that time. */
const GROWN_FOR_MS = 3000;
/** A jitter buffer keeps what a disturbance taught it for seconds: growth this soon has a cause. */
const CAUSE_MS = 5000;
/** Above the least seen, a round trip or jitter this much longer explains a delay. */
const RTT_TOLERANCE_MS = 15;
const JITTER_TOLERANCE_MS = 10;
/** A decoder at work for more than that share of the time is too slow; no recovery helps. */
const DECODER_BUSY = 0.75;
/** Readings come every 250 ms: one this late comes from a page that had no time. */
const LATE_MS = 500;
/** First wait for a step to show; a keyframe is there within a round trip and a frame. */
const STALL_PATIENCE_MS = 1500;
/** As long as the growth has to last, and the second that its level is measured over. */
const GROWTH_PATIENCE_MS = 4000;
const LONGEST_PATIENCE_MS = 600_000;
/** Quiet for so long, the next trouble is a new one. */
const HEALTHY_MS = 30_000;
/** A new connection interrupts the game for about a second; a delay below this is the lesser evil. */
const WORTH_RECONNECT_MS = 150;

/**
 * Sees that the picture falls behind, or stops, though the network is not to blame, and has the
 * player recover: gently first, and with a wait after each step that doubles while steps do not help,
 * so that a machine that is simply slow is soon left alone.
 */
export class LatencyWatchdog {
  readonly #options: LatencyWatchdogOptions;
  readonly #hold = new DelayGauge();
  readonly #buffer = new DelayGauge();
  #last: WatchdogReading | undefined;
  #lowestRttMs = Number.POSITIVE_INFINITY;
  #lowestJitterMs = Number.POSITIVE_INFINITY;
  #graceUntilMs = Number.NEGATIVE_INFINITY;
  /** When something outside last explained a delay. */
  #causeMs = Number.NEGATIVE_INFINITY;
  #shownMs = 0;
  #receivedAtShown = 0;
  #grownSinceMs: number | undefined;
  #toleranceMs = TOLERANCE_MS;
  #symptomMs = Number.NEGATIVE_INFINITY;
  #step = 0;
  #futileSteps = 0;
  #waitUntilMs = Number.NEGATIVE_INFINITY;
  #recoveries = 0;

  constructor(options: LatencyWatchdogOptions) {
    this.#options = options;
  }

  /** Steps taken so far. */
  get recoveries(): number {
    return this.#recoveries;
  }

  /** A new connection counts from zero. */
  handleConnection(): void {
    this.#last = undefined;
    this.#hold.reset();
    this.#buffer.reset();
    this.#lowestRttMs = Number.POSITIVE_INFINITY;
    this.#lowestJitterMs = Number.POSITIVE_INFINITY;
    this.#grownSinceMs = undefined;
  }

  /** The picture is not expected to be up to date: hidden, interrupted, just begun. */
  settle(atMs: number): void {
    this.#last = undefined;
    this.#graceUntilMs = atMs + GRACE_MS;
    this.#shownMs = atMs;
    this.#grownSinceMs = undefined;
  }

  handleReading(reading: WatchdogReading): void {
    const last = this.#last;
    this.#last = reading;
    if (!last) {
      this.#graceUntilMs = Math.max(this.#graceUntilMs, reading.atMs + GRACE_MS);
      this.#handleShown(reading);
      return;
    }
    if (reading.framesShown !== last.framesShown) this.#handleShown(reading);
    this.#findCause(reading, last);
    if (reading.atMs < this.#graceUntilMs) return;
    this.#hold.handleReading(reading.holdMs);
    this.#buffer.handleReading(reading.bufferMs);
    if (this.#isStalled(reading)) this.#act(reading.atMs, STALL_PATIENCE_MS, true);
    else if (this.#isGrown(reading.atMs)) this.#actOnGrowth(reading.atMs);
    else if (reading.atMs - this.#symptomMs >= HEALTHY_MS) this.#recover();
  }

  #handleShown(reading: WatchdogReading): void {
    this.#shownMs = reading.atMs;
    this.#receivedAtShown = reading.framesReceived;
  }

  #findCause(reading: WatchdogReading, last: WatchdogReading): void {
    const { atMs, rttMs, jitterMs } = reading;
    const sinceMs = atMs - last.atMs;
    if (rttMs !== undefined) this.#lowestRttMs = Math.min(this.#lowestRttMs, rttMs);
    if (jitterMs !== undefined) this.#lowestJitterMs = Math.min(this.#lowestJitterMs, jitterMs);
    const late = sinceMs > LATE_MS;
    // A page that had no time has shown nothing either.
    if (late) this.#handleShown(reading);
    if (
      late ||
      reading.losses > last.losses ||
      (rttMs ?? 0) > this.#lowestRttMs + RTT_TOLERANCE_MS ||
      (jitterMs ?? 0) > this.#lowestJitterMs + JITTER_TOLERANCE_MS ||
      reading.decodeMs - last.decodeMs > sinceMs * DECODER_BUSY
    ) {
      this.#causeMs = atMs;
    }
  }

  #isStalled({ atMs, framesShown, framesReceived }: WatchdogReading): boolean {
    return (
      framesShown !== undefined &&
      atMs - this.#shownMs > STALL_MS &&
      framesReceived - this.#receivedAtShown >= STALL_FRAMES
    );
  }

  get #excessMs(): number {
    return Math.max(this.#hold.excessMs, this.#buffer.excessMs);
  }

  #isGrown(atMs: number): boolean {
    if (this.#excessMs <= this.#toleranceMs || atMs - this.#causeMs < CAUSE_MS) {
      this.#grownSinceMs = undefined;
      return false;
    }
    this.#grownSinceMs ??= atMs;
    return atMs - this.#grownSinceMs >= GROWN_FOR_MS;
  }

  #actOnGrowth(atMs: number): void {
    const worthwhile = this.#excessMs >= WORTH_RECONNECT_MS;
    const tooLittle = STEPS[this.#step] === 'reconnect' && !worthwhile;
    this.#act(atMs, GROWTH_PATIENCE_MS, !tooLittle);
  }

  #act(atMs: number, patienceMs: number, worthwhile: boolean): void {
    this.#symptomMs = atMs;
    if (atMs < this.#waitUntilMs) return;
    const step = STEPS[this.#step];
    if (step && worthwhile && this.#options.takeStep(step)) this.#recoveries++;
    // Nothing helped: this is what this machine does. It may get that much worse before it is tried again.
    if (!worthwhile) this.#toleranceMs = 2 * this.#excessMs;
    this.#step = (this.#step + 1) % STEPS.length;
    this.#waitUntilMs = atMs + Math.min(patienceMs * 2 ** this.#futileSteps, LONGEST_PATIENCE_MS);
    this.#futileSteps++;
  }

  #recover(): void {
    this.#step = 0;
    this.#futileSteps = 0;
  }
}

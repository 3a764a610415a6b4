import type { Clock, Scheduler } from '../clock.ts';
import { type Deliver, DeliveryQueue } from './delivery-queue.ts';
import { JitterModel } from './jitter-model.ts';
import type { LinkModel } from './link-model.ts';
import { LinkRecorder, type LinkStatistics } from './link-statistics.ts';
import { type LossModel, lossModel } from './loss-model.ts';
import { RateTrace } from './rate-trace.ts';
import { SeededRandom } from './seeded-random.ts';

/** What IPv4 (RFC 791) and UDP (RFC 768) put around a datagram. */
export const HEADER_BYTES = 28;

/** Times are whole microseconds: what is this close to its time is due. */
const DUE_US = 0.5;

/** Streams of randomness, apart so that changing one model leaves the others as they were. */
const LOSS_STREAM = 1;
const JITTER_STREAM = 2;

/** RTP and RTCP, by their first byte (RFC 7983 §7): not checks of the path, not DTLS. */
function isMedia(datagram: Uint8Array): boolean {
  const [first = 0] = datagram;
  return first >= 128 && first <= 191;
}

/**
 * One direction of a network. A packet is lost by chance or not, queues for the bottleneck or finds
 * no room there, takes its bytes' time to leave, then travels for the propagation delay and jitter.
 * The same packets at the same times with the same seed meet the same fate.
 */
export class ImpairedLink {
  readonly #model: LinkModel;
  readonly #seed: number;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #trace: RateTrace;
  readonly #underWay = new DeliveryQueue();
  #loss: LossModel;
  #jitter: JitterModel;
  #recorder: LinkRecorder;
  /** The clock's time at which the trace begins. */
  #zeroUs: number;
  /** When the bottleneck will have sent all it has. */
  #idleUs: number;
  #lastDueUs = 0;
  #order = 0;
  #timerUs = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(model: LinkModel, seed: number, clock: Clock, scheduler: Scheduler) {
    this.#model = model;
    this.#seed = seed;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#trace = new RateTrace(model.rate);
    this.#loss = this.#newLoss();
    this.#jitter = this.#newJitter();
    this.#zeroUs = clock.nowUs();
    this.#idleUs = this.#zeroUs;
    this.#recorder = new LinkRecorder(this.#trace, this.#zeroUs);
  }

  /** How long a packet that came now would wait for its turn. */
  get queueDelayMs(): number {
    return Math.max(0, this.#idleUs - this.#clock.nowUs()) / 1000;
  }

  /** @param datagram without headers; not to be changed until it is delivered. */
  send(datagram: Uint8Array, deliver: Deliver): void {
    const nowUs = this.#clock.nowUs();
    const bytes = datagram.byteLength + HEADER_BYTES;
    this.#recorder.roll(nowUs, this.#idleUs);
    this.#recorder.sent(bytes);
    if (this.#loss.loses()) {
      this.#recorder.lost();
      return;
    }
    const turnUs = Math.max(nowUs, this.#idleUs);
    if (!this.#hasRoom(nowUs, turnUs, bytes)) {
      this.#recorder.dropped();
      return;
    }
    this.#recorder.queued(turnUs - nowUs);
    this.#idleUs = this.#zeroUs + this.#trace.finishUs(turnUs - this.#zeroUs, bytes);
    const { delayMs, mediaDelayMs = 0 } = this.#model;
    const propagationMs = isMedia(datagram) ? delayMs + mediaDelayMs : delayMs;
    const travelUs = propagationMs * 1000 + this.#jitter.nextUs(this.#idleUs);
    const dueUs = Math.round(this.#idleUs + travelUs);
    this.#lastDueUs = this.#model.jitter.reorder ? dueUs : Math.max(dueUs, this.#lastDueUs);
    this.#underWay.push({ datagram, deliver, dueUs: this.#lastDueUs, order: this.#order++ });
    this.#setTimer(nowUs);
  }

  /**
   * Begins again: trace, randomness and statistics start here. What is under way arrives as planned,
   * what queues keeps its place.
   */
  markStart(): void {
    this.#loss = this.#newLoss();
    this.#jitter = this.#newJitter();
    this.#zeroUs = this.#clock.nowUs();
    this.#recorder = new LinkRecorder(this.#trace, this.#zeroUs);
  }

  statistics(): LinkStatistics {
    this.#recorder.roll(this.#clock.nowUs(), this.#idleUs);
    return this.#recorder.statistics(this.queueDelayMs);
  }

  /** What is under way is forgotten. */
  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#underWay.clear();
  }

  #newLoss(): LossModel {
    return lossModel(this.#model.loss, new SeededRandom(this.#seed, LOSS_STREAM));
  }

  #newJitter(): JitterModel {
    return new JitterModel(this.#model.jitter, new SeededRandom(this.#seed, JITTER_STREAM));
  }

  #hasRoom(nowUs: number, turnUs: number, bytes: number): boolean {
    const waitUs = turnUs - nowUs;
    const { queue } = this.#model;
    if ('delayMs' in queue) return waitUs <= queue.delayMs * 1000;
    if (waitUs === 0) return true;
    const waiting = this.#trace.bytesBetween(nowUs - this.#zeroUs, turnUs - this.#zeroUs);
    return waiting + bytes <= queue.bytes;
  }

  /** One timer, for the first that is due. */
  #setTimer(nowUs: number): void {
    const { first } = this.#underWay;
    if (!first || first.dueUs >= this.#timerUs) return;
    this.#cancelTimer?.();
    this.#timerUs = first.dueUs;
    this.#cancelTimer = this.#scheduler.after((first.dueUs - nowUs) / 1000, this.#deliverDue);
  }

  readonly #deliverDue = (): void => {
    this.#timerUs = Number.POSITIVE_INFINITY;
    const nowUs = this.#clock.nowUs();
    this.#recorder.roll(nowUs, this.#idleUs);
    for (;;) {
      const { first } = this.#underWay;
      if (!first || first.dueUs > nowUs + DUE_US) break;
      this.#underWay.shift();
      this.#recorder.delivered(first.datagram.byteLength + HEADER_BYTES, nowUs - first.dueUs);
      first.deliver(first.datagram);
    }
    this.#setTimer(nowUs);
  };
}

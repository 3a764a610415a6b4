import type {
  CongestionControl,
  ProbeCluster,
} from '../../server/transport/congestion/congestion-control.ts';
import { SentPackets } from '../../server/transport/congestion/sent-packets.ts';
import { type SimulatedPath, seededRandom } from './simulated-path.ts';
import { writeTransportFeedback } from './transport-feedback-writer.ts';

const PACKET_BYTES = 1200;
const FRAME_US = 1e6 / 60;
const PACER_US = 1000;
const KEYFRAME_FACTOR = 4;
const BACKLOG_MS = 200;
const TICK_US = 64_000;
const DELTA_US = 250;

export interface SimulatedFlowOptions {
  readonly path: SimulatedPath;
  readonly control: CongestionControl;
  readonly seed?: number;
  readonly startUs?: number;
  /** Most the encoder has use for; it sends less than the target then. */
  readonly contentBps?: (nowUs: number) => number;
  readonly feedbackMs?: number;
  /** How much faster the receiver's clock runs. */
  readonly driftPpm?: number;
  /** False while feedback gets lost on its way. */
  readonly feedbackArrives?: (nowUs: number) => boolean;
}

/** The receiver's side: notes arrivals and emits real feedback packets, late packets included. */
class FeedbackReceiver {
  readonly #arrivals = new Map<number, number>();
  #nextBase: number | undefined;
  #highest = 0;
  #count = 0;

  /** @param seq unwrapped. */
  receive(seq: number, clockUs: number): void {
    this.#arrivals.set(seq, clockUs);
    this.#nextBase = Math.min(this.#nextBase ?? seq, seq);
    this.#highest = Math.max(this.#highest, seq);
    this.#arrivals.delete(seq - 2000);
  }

  take(): Buffer | undefined {
    const base = this.#nextBase;
    if (base === undefined || base > this.#highest) return undefined;
    let first = base;
    while (!this.#arrivals.has(first)) first++;
    const referenceTime = Math.floor((this.#arrivals.get(first) ?? 0) / TICK_US);
    const arrivals: (number | undefined)[] = [];
    for (let seq = base; seq <= this.#highest; seq++) {
      const atUs = this.#arrivals.get(seq);
      arrivals.push(
        atUs === undefined ? undefined : Math.round((atUs - referenceTime * TICK_US) / DELTA_US),
      );
    }
    this.#nextBase = this.#highest + 1;
    return writeTransportFeedback({
      baseSeq: base & 0xffff,
      referenceTime,
      feedbackCount: this.#count++,
      arrivals,
    });
  }
}

/** An encoder, a pacer and a far side around one congestion control. */
export class SimulatedFlow {
  readonly #options: SimulatedFlowOptions;
  readonly #sent = new SentPackets(65_000);
  readonly #random: () => number;
  readonly #receiver = new FeedbackReceiver();
  readonly #backlog: number[] = [];
  #backlogBytes = 0;
  #budgetBytes = 0;
  #seq = 65_000;
  #probe: { cluster: ProbeCluster; bytes: number; packets: number; budget: number } | undefined;
  #firstFrame = true;
  /** Bytes delivered and the target, for each tenth of a second from time zero. */
  readonly deliveredBytes: number[] = [];
  readonly targetsBps: number[] = [];
  readonly probes: ProbeCluster[] = [];
  droppedFrames = 0;

  constructor(options: SimulatedFlowOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 7);
    const { time } = options.path;
    time.at(options.startUs ?? 0, () => this.#start());
  }

  /** Between two times, in bits a second. */
  deliveredBps(fromUs: number, toUs: number): number {
    let sum = 0;
    for (let i = Math.floor(fromUs / 1e5); i < Math.floor(toUs / 1e5); i++) {
      sum += this.deliveredBytes[i] ?? 0;
    }
    return (sum * 8e6) / (toUs - fromUs);
  }

  /** The longest time between two times in which nothing arrived, in steps of 100 ms. */
  longestGapMs(fromUs: number, toUs: number): number {
    let longest = 0;
    let empty = 0;
    for (let i = Math.floor(fromUs / 1e5); i < Math.floor(toUs / 1e5); i++) {
      empty = (this.deliveredBytes[i] ?? 0) > 0 ? 0 : empty + 1;
      longest = Math.max(longest, empty);
    }
    return longest * 100;
  }

  /** The least and the most target between two times. */
  targetRange(
    fromUs: number,
    toUs: number,
  ): { readonly leastBps: number; readonly mostBps: number } {
    const targets = this.targetsBps
      .slice(Math.floor(fromUs / 1e5), Math.floor(toUs / 1e5))
      .filter((target) => target !== undefined);
    return { leastBps: Math.min(...targets), mostBps: Math.max(...targets) };
  }

  #start(): void {
    const { path, control, feedbackMs = 50 } = this.#options;
    const { time } = path;
    this.#frame();
    time.every(FRAME_US, () => this.#frame());
    time.every(PACER_US, () => this.#pace());
    time.every(10_000, () => {
      const cluster = control.tick(time.nowUs);
      if (cluster) {
        this.probes.push(cluster);
        this.#probe = { cluster, bytes: 0, packets: 0, budget: PACKET_BYTES };
      }
      this.targetsBps[Math.floor(time.nowUs / 1e5)] = control.targetBitrateBps;
    });
    time.every(feedbackMs * 1000, () => this.#feedBack());
  }

  #frame(): void {
    const { control, contentBps, path } = this.#options;
    if (this.#backlogBytes * 8 > (control.targetBitrateBps * BACKLOG_MS) / 1000) {
      this.droppedFrames++;
      return;
    }
    const content = contentBps?.(path.time.nowUs) ?? Number.POSITIVE_INFINITY;
    const bps = Math.min(control.targetBitrateBps, content) * (0.8 + 0.4 * this.#random());
    let left = (bps * FRAME_US * (this.#firstFrame ? KEYFRAME_FACTOR : 1)) / 8e6;
    this.#firstFrame = false;
    while (left > 0) {
      const bytes = Math.max(100, Math.min(PACKET_BYTES, Math.round(left)));
      this.#backlog.push(bytes);
      this.#backlogBytes += bytes;
      left -= bytes;
    }
  }

  #pace(): void {
    const { control, path } = this.#options;
    if (this.#probe) {
      this.#paceProbe();
      return;
    }
    const stepBytes = (control.pacingBitrateBps * PACER_US) / 8e6;
    this.#budgetBytes = Math.min(this.#budgetBytes + stepBytes, Math.max(stepBytes, PACKET_BYTES));
    while (this.#backlog.length > 0 && this.#budgetBytes > 0) {
      if (this.#sent.inFlightBytes(path.time.nowUs) > control.windowBytes) return;
      this.#budgetBytes -= this.#sendNext(undefined);
    }
  }

  #paceProbe(): void {
    const probe = this.#probe;
    if (!probe) return;
    const { cluster } = probe;
    probe.budget += (cluster.bitrateBps * PACER_US) / 8e6;
    while (probe.budget > 0) {
      const bytes = this.#sendNext(cluster.id);
      probe.budget -= bytes;
      probe.bytes += bytes;
      probe.packets++;
      if (probe.bytes >= cluster.minBytes && probe.packets >= cluster.minPackets) {
        this.#probe = undefined;
        return;
      }
    }
  }

  /** Media if there is any, else padding. */
  #sendNext(probeId: number | undefined): number {
    const { path, control } = this.#options;
    const { time } = path;
    const media = this.#backlog.shift();
    if (media !== undefined) this.#backlogBytes -= media;
    const bytes = media ?? PACKET_BYTES;
    const stamped = this.#sent.add(bytes, time.nowUs, probeId);
    const seq = this.#seq++;
    if ((seq & 0xffff) !== stamped) throw new Error('Sequence numbers went apart.');
    control.handleSent(bytes, time.nowUs, true);
    path.send(bytes, () => this.#receive(seq, bytes));
    return bytes;
  }

  #receive(seq: number, bytes: number): void {
    const { nowUs } = this.#options.path.time;
    const clockUs = 77e6 + nowUs * (1 + (this.#options.driftPpm ?? 0) / 1e6);
    this.#receiver.receive(seq, clockUs);
    const slot = Math.floor(nowUs / 1e5);
    this.deliveredBytes[slot] = (this.deliveredBytes[slot] ?? 0) + bytes;
  }

  #feedBack(): void {
    const { path, control, feedbackArrives } = this.#options;
    const packet = this.#receiver.take();
    if (!packet || feedbackArrives?.(path.time.nowUs) === false) return;
    path.sendBack(() => {
      const report = this.#sent.resolve(packet, path.time.nowUs);
      if (report) control.handleReport(report);
    });
  }
}

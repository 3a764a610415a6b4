import type { PacketResult, ProbeCluster } from './congestion-control.ts';

/** A probe that lost more than this part measured the loss, not the rate. */
const MIN_RECEIVED = 0.8;

/** Fewer packets make no line. */
const MIN_PACKETS = 5;

/** A line through arrivals whose slope is known no better than this tells nothing. */
const MAX_ERROR = 0.25;

/** Arriving so much faster than sent, the packets were held back and let go together. */
const MAX_SPEED_UP = 2;

/** The path kept up: what is missing is the grain of the feedback's time, 250 µs. */
const KEPT_UP = 0.93;

/**
 * Where it did not keep up, the probe saw the whole of the bottleneck: what other flows or the next
 * frames need must be left.
 */
const UTILISATION = 0.9;

/** What a probe told. */
export interface ProbeResult {
  readonly probeId: number;
  /**
   * `carried`: the path kept up with it; `exceeded`: it did not; `unclear`: too much jitter or loss to
   * tell.
   */
  readonly outcome: 'carried' | 'exceeded' | 'unclear';
  /** What may be sent; 0 where it is unclear. */
  readonly bitrateBps: number;
}

/** Sums of a least-squares line of time over bytes. */
class Line {
  #count = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;
  #yy = 0;
  #originUs: number | undefined;

  add(bytes: number, timeUs: number): void {
    this.#originUs ??= timeUs;
    const y = timeUs - this.#originUs;
    this.#count++;
    this.#x += bytes;
    this.#y += y;
    this.#xx += bytes * bytes;
    this.#xy += bytes * y;
    this.#yy += y * y;
  }

  /** Microseconds a byte takes. */
  get slope(): number {
    return (this.#xy - (this.#x * this.#y) / this.#count) / this.#spread;
  }

  /** Standard error of the slope, as a part of it. */
  get error(): number {
    const slope = this.slope;
    const total = this.#yy - (this.#y * this.#y) / this.#count;
    const residual = Math.max(0, total - slope * slope * this.#spread);
    return Math.sqrt(residual / (this.#count - 2) / this.#spread) / Math.abs(slope);
  }

  get #spread(): number {
    return this.#xx - (this.#x * this.#x) / this.#count;
  }
}

/**
 * Measures the rate at which a probe arrived. The slope of a line through all arrivals, where others
 * take the time between the first and the last: jitter of 30 ms then needs a longer probe and not
 * luck, and says itself that it does.
 */
export class ProbeEstimator {
  #cluster: ProbeCluster | undefined;
  #sent = new Line();
  #received = new Line();
  #receivedPackets = 0;
  #receivedBytes = 0;
  #lostPackets = 0;
  #lastSeq = 0;

  /** Forgets what it knew of an earlier one. */
  expect(cluster: ProbeCluster | undefined): void {
    this.#cluster = cluster;
    this.#sent = new Line();
    this.#received = new Line();
    this.#receivedPackets = 0;
    this.#receivedBytes = 0;
    this.#lostPackets = 0;
  }

  /** Takes results of all packets, in the order of sequence numbers. */
  add({ seq, sentUs, receivedUs, bytes, probeId }: PacketResult): ProbeResult | undefined {
    const cluster = this.#cluster;
    if (!cluster) return undefined;
    if (probeId !== cluster.id) {
      const begun = this.#receivedPackets + this.#lostPackets > 0;
      return begun && seq > this.#lastSeq ? this.#conclude(cluster) : undefined;
    }
    this.#lastSeq = seq;
    if (receivedUs === undefined) {
      this.#lostPackets++;
      return undefined;
    }
    this.#receivedBytes += bytes;
    this.#receivedPackets++;
    this.#sent.add(this.#receivedBytes, sentUs);
    this.#received.add(this.#receivedBytes, receivedUs);
    const complete =
      this.#receivedPackets >= cluster.minPackets && this.#receivedBytes >= cluster.minBytes;
    return complete ? this.#conclude(cluster) : undefined;
  }

  #conclude(cluster: ProbeCluster): ProbeResult {
    const result = this.#measure(cluster);
    this.expect(undefined);
    return result;
  }

  #measure(cluster: ProbeCluster): ProbeResult {
    const unclear: ProbeResult = { probeId: cluster.id, outcome: 'unclear', bitrateBps: 0 };
    const packets = this.#receivedPackets;
    if (packets < MIN_PACKETS || packets < MIN_RECEIVED * (packets + this.#lostPackets)) {
      return unclear;
    }
    if (this.#receivedBytes < MIN_RECEIVED * cluster.minBytes) return unclear;
    const sentBps = 8e6 / this.#sent.slope;
    const receivedBps = 8e6 / this.#received.slope;
    const meaningful = sentBps > 0 && Number.isFinite(sentBps) && receivedBps > 0;
    if (!meaningful || receivedBps > sentBps * MAX_SPEED_UP) return unclear;
    if (!(this.#received.error <= MAX_ERROR)) return unclear;
    const carried = receivedBps >= KEPT_UP * sentBps;
    return carried
      ? { probeId: cluster.id, outcome: 'carried', bitrateBps: sentBps }
      : { probeId: cluster.id, outcome: 'exceeded', bitrateBps: receivedBps * UTILISATION };
  }
}

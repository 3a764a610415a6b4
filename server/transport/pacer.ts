import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { CongestionControl, ProbeCluster } from './congestion/congestion-control.ts';
import type { VideoPacket } from './packet-history.ts';
import { PacketQueue } from './packet-queue.ts';
import { rtpWireBytes } from './rtp-packet.ts';
import { RTX_BYTES } from './rtp-stream.ts';

/**
 * This much of the pacing rate may leave at once. At 2.5 times the target, 10 ms are one and a half
 * frames of a 60 Hz stream: an ordinary frame waits for no timer, a keyframe is spread.
 */
const BURST_US = 10_000;

/**
 * A frame should have left before the next one comes, and pacing gives way for that, but not
 * further: what a bottleneck cannot take it would drop, and repair takes longer than pacing.
 */
const MAX_DEADLINE_GAIN = 2;

/** Sound is never held back, so the debt it makes must not hold the picture back for longer. */
const MAX_DEBT_US = 50_000;

/** Two packets: at the lowest rates less would not make them wait for each other. */
const MIN_DEBT_BYTES = 2400;

/** Video that takes or took longer than this to leave is old; what comes after it would be older. */
const MAX_QUEUE_US = 200_000;

/**
 * A keyframe has longer: given up, it would only be asked for again, as large as before. Twice the
 * interval at which keyframes can be had.
 */
const MAX_KEYFRAME_QUEUE_US = 600_000;

/** A probe that finds nothing to send for this long tells of a path that has changed meanwhile. */
const MAX_PROBE_WAIT_US = 1_000_000;

/** Probes come in twos or threes at the start; a congestion control that wants more is wrong. */
const MAX_WAITING_PROBES = 4;

/** Whatever congestion control says, some bits leave: only these can change its mind. */
const MIN_PACING_BPS = 50_000;

/** Where a pacer's packets go. Calls come in the order of sending and never throw. */
export interface PacerOutlet {
  sendVideo(packet: VideoPacket, probeId: number | undefined): void;
  sendRetransmission(packet: VideoPacket, probeId: number | undefined): void;
  sendRepair(packet: Buffer, probeId: number | undefined): void;
  /** @returns bytes on the wire of the one packet sent; 0: there is nothing to pad with. */
  sendPadding(probeId: number): number;
}

interface RunningProbe {
  readonly cluster: ProbeCluster;
  readonly offeredUs: number;
  /** Undefined until there is something to send. */
  startUs: number | undefined;
  packets: number;
  bytes: number;
}

/** What {@link Pacer.dropVideo} took out. */
export interface DroppedVideo {
  /** RTP sequence number of the first packet. */
  readonly firstSeq: number;
  /** Pictures that are lost by it, one that was partly sent included. */
  readonly frames: number;
}

/**
 * Decides when packets leave: retransmissions, then video, then error correction, then padding.
 * What is sent is a debt that shrinks at the pacing rate; while it is below one burst, packets go.
 * Sound and RTCP never wait, but count. Probes have a rate of their own, and what they sent is not
 * held against the frame after them. Budgets come from the clock, so late timers cost nothing.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #congestion: CongestionControl;
  readonly #outlet: PacerOutlet;
  readonly #retransmissions = new PacketQueue<VideoPacket>(
    ({ packet }) => rtpWireBytes(packet.length) + RTX_BYTES,
  );
  readonly #video = new PacketQueue<VideoPacket>(({ packet }) => rtpWireBytes(packet.length));
  readonly #repair = new PacketQueue<Buffer>(({ length }) => rtpWireBytes(length));
  readonly #probes: RunningProbe[] = [];
  #frameIntervalUs: number;
  readonly #keyframePatienceUs: number;
  #deadlineBps = 0;
  #debtBytes = 0;
  #advancedUs: number;
  #timerUs = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(
    parts: {
      readonly clock: Clock;
      readonly scheduler: Scheduler;
      readonly congestion: CongestionControl;
      readonly frameRate: number;
      /** How long a keyframe may take to leave; 600 ms where left out. */
      readonly keyframePatienceUs?: number | undefined;
    },
    outlet: PacerOutlet,
  ) {
    this.#clock = parts.clock;
    this.#scheduler = parts.scheduler;
    this.#congestion = parts.congestion;
    this.#outlet = outlet;
    this.#frameIntervalUs = 1e6 / parts.frameRate;
    this.#keyframePatienceUs = parts.keyframePatienceUs ?? MAX_KEYFRAME_QUEUE_US;
    this.#advancedUs = parts.clock.nowUs();
  }

  /** @param frameRate frames a second, above 0. */
  setFrameRate(frameRate: number): void {
    this.#frameIntervalUs = 1e6 / frameRate;
  }

  /** On the wire, everything that waits. */
  get queuedBytes(): number {
    return this.#retransmissions.bytes + this.#video.bytes + this.#repair.bytes;
  }

  /** How long what waits takes to leave. */
  get queueMs(): number {
    return (this.queuedBytes * 8e3) / this.#pacingBps();
  }

  /**
   * Video waits that will be too old when it leaves: {@link dropVideo} it.
   * @param nowUs of the clock.
   */
  isOverdue(nowUs: number): boolean {
    const first = this.#video.peek();
    if (!first) return false;
    const waitedUs = nowUs - first.queuedUs;
    if (first.keyframe) return waitedUs > this.#keyframePatienceUs;
    return waitedUs > MAX_QUEUE_US || this.#video.bytes * 8e6 > this.#pacingBps() * MAX_QUEUE_US;
  }

  /** Empties the video queue, and that of its error correction. */
  dropVideo(): DroppedVideo | undefined {
    this.#repair.drain();
    const packets = this.#video.drain();
    const [first] = packets;
    if (!first) return undefined;
    let frames = 0;
    for (const { video } of packets) if (video) frames++;
    return { firstSeq: first.seq, frames };
  }

  /** The probe that is being sent: what is sent without asking belongs to it too. */
  get probeId(): number | undefined {
    const probe = this.#probes[0];
    return probe?.startUs === undefined ? undefined : probe.cluster.id;
  }

  /**
   * Counts what was sent without asking.
   * @param bytes on the wire.
   * @param probeId that it was sent with.
   */
  account(bytes: number, probeId: number | undefined): void {
    const probe = this.#probes[0];
    if (probe && probe.cluster.id === probeId) {
      probe.packets++;
      probe.bytes += bytes;
      return;
    }
    this.#advance(this.#clock.nowUs());
    this.#addDebt(bytes);
  }

  /** Waits until {@link flush}. */
  queueRetransmission(packet: VideoPacket): void {
    this.#retransmissions.push(packet);
  }

  /** Takes one frame and its error correction, and sends what may leave at once. */
  queueFrame(packets: readonly VideoPacket[], repair: readonly Buffer[]): void {
    for (const packet of packets) this.#video.push(packet);
    for (const packet of repair) this.#repair.push(packet);
    this.#deadlineBps = (this.queuedBytes * 8e6) / this.#frameIntervalUs;
    this.flush();
  }

  /** Sends the cluster at its own rate, as soon as there is something to send. */
  startProbe(cluster: ProbeCluster): void {
    // A cluster slower than anything else would hold the picture back.
    if (this.#probes.length >= MAX_WAITING_PROBES || !(cluster.bitrateBps >= MIN_PACING_BPS))
      return;
    const offeredUs = this.#clock.nowUs();
    this.#probes.push({ cluster, offeredUs, startUs: undefined, packets: 0, bytes: 0 });
    this.flush();
  }

  /** Sends what may leave now, and arms a timer for the rest. */
  flush(): void {
    if (this.#closed) return;
    const nowUs = this.#clock.nowUs();
    this.#advance(nowUs);
    let dueUs = this.#sendProbes(nowUs);
    if (dueUs === undefined) {
      const rateBps = this.#rateBps();
      const burstBytes = (this.#pacingBps() * BURST_US) / 8e6;
      while (this.#debtBytes < burstBytes) {
        const bytes = this.#sendNext(undefined);
        if (bytes === 0) break;
        this.#addDebt(bytes);
      }
      if (this.queuedBytes === 0) {
        this.#deadlineBps = 0;
        dueUs = Number.POSITIVE_INFINITY;
      } else {
        dueUs = nowUs + ((this.#debtBytes - burstBytes) * 8e6) / rateBps;
      }
    }
    this.#arm(dueUs, nowUs);
  }

  /** Idempotent. What waits is dropped. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#retransmissions.drain();
    this.#probes.length = 0;
    this.dropVideo();
  }

  #pacingBps(): number {
    return Math.max(this.#congestion.pacingBitrateBps, MIN_PACING_BPS);
  }

  #rateBps(): number {
    const pacingBps = this.#pacingBps();
    return Math.max(pacingBps, Math.min(this.#deadlineBps, pacingBps * MAX_DEADLINE_GAIN));
  }

  #advance(nowUs: number): void {
    const elapsedUs = nowUs - this.#advancedUs;
    // Also keeps an infinite rate from being multiplied by 0.
    if (elapsedUs <= 0) return;
    this.#advancedUs = nowUs;
    this.#debtBytes = Math.max(0, this.#debtBytes - (this.#rateBps() * elapsedUs) / 8e6);
  }

  #addDebt(bytes: number): void {
    const mostBytes = Math.max(MIN_DEBT_BYTES, (this.#rateBps() * MAX_DEBT_US) / 8e6);
    this.#debtBytes = Math.min(this.#debtBytes + bytes, mostBytes);
  }

  /** @returns bytes on the wire; 0: nothing waits. */
  #sendNext(probeId: number | undefined): number {
    const before = this.queuedBytes;
    const retransmission = this.#retransmissions.shift();
    const video = retransmission ? undefined : this.#video.shift();
    const repair = retransmission || video ? undefined : this.#repair.shift();
    const bytes = before - this.queuedBytes;
    if (retransmission) this.#outlet.sendRetransmission(retransmission, probeId);
    if (video) this.#outlet.sendVideo(video, probeId);
    if (repair) this.#outlet.sendRepair(repair, probeId);
    return bytes;
  }

  /** @returns when the running probe goes on; undefined where none runs. */
  #sendProbes(nowUs: number): number | undefined {
    for (let probe = this.#probes[0]; probe; probe = this.#probes[0]) {
      if (probe.startUs === undefined && nowUs - probe.offeredUs > MAX_PROBE_WAIT_US) {
        this.#probes.shift();
        continue;
      }
      const dueUs = this.#sendProbe(probe, nowUs);
      if (dueUs !== undefined) return dueUs;
      // It found nothing to send: media goes its usual way until there is.
      if (probe.startUs === undefined) return undefined;
      this.#probes.shift();
    }
    return undefined;
  }

  /** @returns when it goes on; undefined: complete, or nothing is left to send. */
  #sendProbe(probe: RunningProbe, nowUs: number): number | undefined {
    const { id, bitrateBps, minPackets, minBytes } = probe.cluster;
    while (!this.#closed && (probe.packets < minPackets || probe.bytes < minBytes)) {
      const startUs = probe.startUs ?? nowUs;
      const dueUs = startUs + (probe.bytes * 8e6) / bitrateBps;
      if (dueUs > nowUs) return dueUs;
      const bytes = this.#sendNext(id) || this.#outlet.sendPadding(id);
      if (bytes === 0) return undefined;
      probe.startUs = startUs;
      probe.packets++;
      probe.bytes += bytes;
    }
    return undefined;
  }

  #arm(dueUs: number, nowUs: number): void {
    if (this.#cancelTimer && this.#timerUs <= dueUs && dueUs !== Number.POSITIVE_INFINITY) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#closed || dueUs === Number.POSITIVE_INFINITY) return;
    // Timers are whole milliseconds: rounded up, or the last one would come before its time.
    const delayMs = Math.max(1, Math.ceil((dueUs - nowUs) / 1000));
    this.#timerUs = nowUs + delayMs * 1000;
    this.#cancelTimer = this.#scheduler.after(delayMs, this.#handleTimer);
  }

  readonly #handleTimer = (): void => {
    this.#cancelTimer = undefined;
    this.flush();
  };
}

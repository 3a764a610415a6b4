import { describe, expect, it } from 'vitest';
import { HEADER_BYTES, ImpairedLink } from '../../../gate/network/link.ts';
import type { LinkModel } from '../../../gate/network/link-model.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';

const DAY_MS = 86_400_000;

/** No loss, no jitter, no delay and more rate than anything here needs. */
const CLEAR: LinkModel = {
  loss: { kind: 'random', share: 0 },
  rate: [{ durationMs: DAY_MS, bitrateBps: 1e9 }],
  queue: { delayMs: 1000 },
  delayMs: 0,
  jitter: { spreadMs: 0, correlationMs: 0, reorder: false },
};

const rate = (bitrateBps: number) => [{ durationMs: DAY_MS, bitrateBps }];

interface Arrival {
  readonly index: number;
  readonly sentMs: number;
  readonly atMs: number;
}

/** A link with datagrams that carry their number. */
class LinkRun {
  readonly time = new VirtualTime();
  readonly link: ImpairedLink;
  readonly arrivals: Arrival[] = [];
  readonly #sentMs: number[] = [];

  constructor(model: Partial<LinkModel>, seed = 1) {
    this.link = new ImpairedLink({ ...CLEAR, ...model }, seed, this.time, this.time);
  }

  /** @param bytes with headers: what the link counts. */
  send(bytes = 1000): void {
    const datagram = Buffer.alloc(bytes - HEADER_BYTES);
    datagram.writeUInt32BE(this.#sentMs.length);
    this.#sentMs.push(this.time.nowUs() / 1000);
    this.link.send(datagram, (arrived) => {
      const index = Buffer.from(arrived).readUInt32BE();
      const sentMs = this.#sentMs[index] ?? Number.NaN;
      this.arrivals.push({ index, sentMs, atMs: this.time.nowUs() / 1000 });
    });
  }

  /** @param everyMs from one packet to the next. */
  stream(count: number, everyMs: number, bytes = 1000): void {
    for (let packet = 0; packet < count; packet++) {
      this.send(bytes);
      this.time.advance(everyMs);
    }
    this.time.advance(5000);
  }

  delaysMs(): number[] {
    return this.arrivals.map(({ sentMs, atMs }) => atMs - sentMs);
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

/** Correlation of each value with the one after it. */
function neighbourCorrelation(values: readonly number[]): number {
  const mean = meanOf(values);
  const products = values.slice(1).map((value, i) => (value - mean) * ((values[i] ?? 0) - mean));
  return meanOf(products) / deviationOf(values) ** 2;
}

/** Lengths of the gaps in the numbers that arrived. */
function burstsOf(arrivals: readonly Arrival[]): number[] {
  const gaps = arrivals.slice(1).map(({ index }, i) => index - (arrivals[i]?.index ?? 0) - 1);
  return gaps.filter((gap) => gap > 0);
}

/** Share of the packets that a later one overtook. */
function overtakenShare(arrivals: readonly Arrival[]): number {
  let newest = -1;
  let overtaken = 0;
  for (const { index } of arrivals) {
    if (index < newest) overtaken++;
    newest = Math.max(newest, index);
  }
  return overtaken / arrivals.length;
}

describe('ImpairedLink', () => {
  it('delivers what was sent, unchanged, after the propagation delay', () => {
    const run = new LinkRun({ delayMs: 12 });
    run.stream(100, 1);
    expect(run.arrivals.map(({ index }) => index)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    // 8 µs are the packet's own time at 1 Gbit/s.
    for (const delayMs of run.delaysMs()) expect(delayMs).toBeCloseTo(12.008, 6);
  });

  it('loses packets by chance, each by itself', () => {
    const run = new LinkRun({ loss: { kind: 'random', share: 0.05 } });
    run.stream(40_000, 1);
    const { packetsIn, packetsLost, packetsDelivered } = run.link.statistics();
    expect(packetsIn).toBe(40_000);
    expect(packetsDelivered).toBe(run.arrivals.length);
    expect(packetsLost).toBe(packetsIn - packetsDelivered);
    expect(packetsLost / packetsIn).toBeCloseTo(0.05, 2);
    // Runs of independent losses are 1 / (1 − share) long.
    expect(meanOf(burstsOf(run.arrivals))).toBeCloseTo(1.05, 1);
  });

  it('loses packets in bursts of the mean length, and as many in all as told', () => {
    const run = new LinkRun({ loss: { kind: 'bursts', share: 0.05, meanBurstPackets: 4 } });
    run.stream(100_000, 0.1);
    const bursts = burstsOf(run.arrivals);
    const lost = bursts.reduce((sum, length) => sum + length, 0);
    expect(Math.abs(lost / 100_000 - 0.05)).toBeLessThan(0.006);
    expect(Math.abs(meanOf(bursts) - 4)).toBeLessThan(0.35);
    // Geometric: as many bursts of one packet as one in four.
    const single = bursts.filter((length) => length === 1).length / bursts.length;
    expect(Math.abs(single - 0.25)).toBeLessThan(0.05);
  });

  it('lets through no more than its rate, headers included', () => {
    const run = new LinkRun({ rate: rate(8e6), queue: { delayMs: 100 } });
    run.stream(4000, 0.5);
    const first = run.arrivals[0]?.atMs ?? 0;
    const last = run.arrivals.at(-1)?.atMs ?? 0;
    expect(first).toBe(1);
    expect((run.arrivals.length - 1) / (last - first)).toBeCloseTo(1, 9);
    const { series } = run.link.statistics();
    for (const { deliveredBps, capacityBps } of series.slice(1, 20)) {
      expect(deliveredBps).toBeCloseTo(8e6, 0);
      expect(capacityBps).toBe(8e6);
    }
  });

  it('queues no longer than its limit by delay and drops the newest', () => {
    const run = new LinkRun({ rate: rate(8e6), queue: { delayMs: 50 } });
    for (let packet = 0; packet < 100; packet++) run.send();
    expect(run.link.queueDelayMs).toBe(51);
    run.time.advance(1000);
    expect(run.arrivals.map(({ index }) => index)).toEqual(Array.from({ length: 51 }, (_, i) => i));
    const { packetsDropped, packetsLost, queueDelayMs, series } = run.link.statistics();
    expect({ packetsDropped, packetsLost, queueDelayMs }).toEqual({
      packetsDropped: 49,
      packetsLost: 0,
      queueDelayMs: 0,
    });
    expect(series[0]).toMatchObject({ dropped: 49, maxQueueDelayMs: 50, queueDelayMs: 0 });
  });

  it('queues no more bytes than its limit, whatever the rate does', () => {
    const run = new LinkRun({
      rate: [
        { durationMs: 10, bitrateBps: 8e6 },
        { durationMs: DAY_MS, bitrateBps: 8e5 },
      ],
      queue: { bytes: 20_000 },
    });
    for (let packet = 0; packet < 100; packet++) run.send();
    run.time.advance(10_000);
    expect(run.arrivals).toHaveLength(20);
    // Ten at a millisecond each, ten at ten.
    expect(run.arrivals.at(-1)?.atMs).toBeCloseTo(110, 6);
  });

  it('takes a single packet that is larger than the whole queue', () => {
    const run = new LinkRun({ rate: rate(8e6), queue: { bytes: 500 } });
    run.send(1400);
    run.send(400);
    run.time.advance(10);
    expect(run.arrivals.map(({ index }) => index)).toEqual([0]);
  });

  it('follows a trace of rates and repeats it', () => {
    const run = new LinkRun({
      rate: [
        { durationMs: 1000, bitrateBps: 4e6 },
        { durationMs: 1000, bitrateBps: 1e6 },
      ],
      queue: { delayMs: 200 },
    });
    run.stream(8000, 0.5);
    const { series } = run.link.statistics();
    const rateIn = (from: number, to: number) =>
      meanOf(series.slice(from, to).map(({ deliveredBps }) => deliveredBps));
    for (const [from, expected] of [
      [0, 4e6],
      [10, 1e6],
      [20, 4e6],
      [30, 1e6],
    ] as const) {
      expect(Math.abs(rateIn(from + 1, from + 9) / expected - 1)).toBeLessThan(0.02);
      expect(series[from + 5]?.capacityBps).toBeCloseTo(expected, 3);
    }
    const worst = Math.max(...series.map(({ maxQueueDelayMs }) => maxQueueDelayMs));
    expect(worst).toBeLessThanOrEqual(200);
    expect(worst).toBeGreaterThan(190);
  });

  it('delays evenly between its bounds and lets packets overtake where it may', () => {
    const run = new LinkRun({
      delayMs: 15,
      jitter: { spreadMs: 15, correlationMs: 0, reorder: true },
    });
    run.stream(20_000, 5);
    const delaysMs = run.delaysMs();
    expect(Math.abs(meanOf(delaysMs) - 15)).toBeLessThan(0.3);
    expect(Math.abs(deviationOf(delaysMs) - 15 / Math.sqrt(3))).toBeLessThan(0.15);
    expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delaysMs)).toBeLessThanOrEqual(30.01);
    const inOrder = run.arrivals.toSorted((a, b) => a.index - b.index);
    const drawn = inOrder.map(({ sentMs, atMs }) => atMs - sentMs);
    expect(Math.abs(neighbourCorrelation(drawn))).toBeLessThan(0.03);
    // Overtaken: one of the next five, k · 5 ms behind, draws a delay shorter by more than that.
    // Given u of [0, 1], none does with the chance ∏ (1 − max(0, u − k / 6)); its mean is 0.539.
    expect(Math.abs(overtakenShare(run.arrivals) - 0.461)).toBeLessThan(0.02);
  });

  it('keeps the order where it must, whatever the jitter', () => {
    const run = new LinkRun({
      delayMs: 15,
      jitter: { spreadMs: 15, correlationMs: 0, reorder: false },
    });
    run.stream(5000, 1);
    expect(run.arrivals).toHaveLength(5000);
    expect(overtakenShare(run.arrivals)).toBe(0);
  });

  it('delays neighbours alike where jitter is correlated', () => {
    const run = new LinkRun({
      delayMs: 50,
      jitter: { spreadMs: 15, correlationMs: 100, reorder: false },
    });
    run.stream(100_000, 5);
    const delaysMs = run.delaysMs();
    expect(overtakenShare(run.arrivals)).toBe(0);
    expect(Math.abs(meanOf(delaysMs) - 50)).toBeLessThan(1);
    expect(Math.abs(deviationOf(delaysMs) - 15 / Math.sqrt(3))).toBeLessThan(0.5);
    // e^(−5/100) is 0.951; keeping the order smooths a little more.
    expect(neighbourCorrelation(delaysMs)).toBeGreaterThan(0.93);
    expect(neighbourCorrelation(delaysMs)).toBeLessThan(0.98);
    expect(Math.max(...delaysMs)).toBeLessThanOrEqual(65.01);
    expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(35);
  });

  describe('with everything at once', () => {
    const model: Partial<LinkModel> = {
      loss: { kind: 'bursts', share: 0.05, meanBurstPackets: 4 },
      rate: [
        { durationMs: 300, bitrateBps: 4e6 },
        { durationMs: 200, bitrateBps: 1e6 },
      ],
      queue: { delayMs: 100 },
      delayMs: 40,
      jitter: { spreadMs: 5, correlationMs: 50, reorder: false },
    };
    const play = (seed: number) => {
      const run = new LinkRun(model, seed);
      run.stream(3000, 2.3);
      return run;
    };

    it('repeats itself packet for packet and microsecond for microsecond', () => {
      const first = play(5);
      const again = play(5);
      expect(again.arrivals).toEqual(first.arrivals);
      expect(again.link.statistics()).toEqual(first.link.statistics());
      expect(play(6).arrivals).not.toEqual(first.arrivals);
    });

    it('begins again when the start is marked: trace, randomness and statistics', () => {
      const fresh = play(5);
      const marked = new LinkRun(model, 5);
      marked.stream(777, 1.7);
      marked.link.markStart();
      const markedAtMs = marked.time.nowUs() / 1000;
      const before = marked.arrivals.length;
      marked.stream(3000, 2.3);
      const after = marked.arrivals.slice(before);
      expect(after).toHaveLength(fresh.arrivals.length);
      for (const [i, { index, atMs }] of after.entries()) {
        expect(index - 777).toBe(fresh.arrivals[i]?.index);
        expect(atMs - markedAtMs).toBeCloseTo(fresh.arrivals[i]?.atMs ?? 0, 2);
      }
      const { packetsIn, packetsLost, packetsDropped } = fresh.link.statistics();
      expect(marked.link.statistics()).toMatchObject({ packetsIn, packetsLost, packetsDropped });
    });

    it('accounts for every packet', () => {
      const run = play(7);
      const statistics = run.link.statistics();
      const { packetsIn, packetsDelivered, packetsLost, packetsDropped, series } = statistics;
      expect(packetsDropped).toBeGreaterThan(0);
      expect(packetsLost).toBeGreaterThan(0);
      expect(packetsDelivered + packetsLost + packetsDropped).toBe(packetsIn);
      expect(statistics.bytesDelivered).toBe(1000 * packetsDelivered);
      const sum = (read: (sample: (typeof series)[number]) => number) =>
        series.reduce((total, sample) => total + read(sample), 0);
      expect(sum(({ lost }) => lost)).toBe(packetsLost);
      expect(sum(({ dropped }) => dropped)).toBe(packetsDropped);
      expect(sum(({ deliveredBps }) => deliveredBps / 80)).toBeCloseTo(1000 * packetsDelivered, 3);
    });
  });

  it('says how late its timers made the packets', () => {
    const run = new LinkRun({ delayMs: 10 });
    run.send();
    run.time.stall(13.008);
    run.time.advance(0);
    const { p50, max } = run.link.statistics().lateMs;
    expect(p50).toBeCloseTo(3, 2);
    expect(max).toBeCloseTo(3, 2);
  });

  it('leaves no timer behind', () => {
    const run = new LinkRun({ delayMs: 10 });
    run.send();
    expect(run.time.pendingTimers).toBe(1);
    run.link.close();
    expect(run.time.pendingTimers).toBe(0);
    run.time.advance(100);
    expect(run.arrivals).toEqual([]);
  });

  it('delays media alone where it is told to, past all else', () => {
    const time = new VirtualTime();
    const jitter = { ...CLEAR.jitter, reorder: true };
    const model = { ...CLEAR, delayMs: 5, mediaDelayMs: 60, jitter };
    const link = new ImpairedLink(model, 1, time, time);
    const arrivals: string[] = [];
    const first = { rtp: 0x80, rtcp: 0x81, dtls: 0x17, check: 0x00 };
    for (const [name, byte] of Object.entries(first)) {
      link.send(Uint8Array.of(byte, 0), () =>
        arrivals.push(`${name} ${Math.round(time.nowUs() / 1000)}`),
      );
    }
    time.advance(100);
    expect(arrivals).toEqual(['dtls 5', 'check 5', 'rtp 65', 'rtcp 65']);
  });
});

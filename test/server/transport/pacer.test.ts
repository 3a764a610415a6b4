import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { Pacer, type PacerOutlet } from '../../../server/transport/pacer.ts';
import type { VideoPacket } from '../../../server/transport/packet-history.ts';
import { rtpWireBytes } from '../../../server/transport/rtp-packet.ts';
import { ScriptedCongestion } from '../../support/scripted-congestion.ts';

/** 1024 bytes on the wire. */
const PACKET_BYTES = 1000;
const WIRE_BYTES = rtpWireBytes(PACKET_BYTES);

interface Sent {
  readonly kind: 'video' | 'retransmission' | 'repair' | 'padding';
  readonly atMs: number;
  readonly seq?: number;
  readonly probeId?: number | undefined;
}

class RecordingOutlet implements PacerOutlet {
  readonly sent: Sent[] = [];
  paddingBytes = WIRE_BYTES;
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  sendVideo({ seq }: VideoPacket, probeId: number | undefined): void {
    this.sent.push({ kind: 'video', atMs: this.#atMs, seq, probeId });
  }

  sendRetransmission({ seq }: VideoPacket, probeId: number | undefined): void {
    this.sent.push({ kind: 'retransmission', atMs: this.#atMs, seq, probeId });
  }

  sendRepair(_packet: Buffer, probeId: number | undefined): void {
    this.sent.push({ kind: 'repair', atMs: this.#atMs, probeId });
  }

  sendPadding(probeId: number): number {
    if (this.paddingBytes > 0) this.sent.push({ kind: 'padding', atMs: this.#atMs, probeId });
    return this.paddingBytes;
  }

  get #atMs(): number {
    return this.#time.nowUs() / 1000;
  }
}

describe('Pacer', () => {
  let time = new VirtualTime();
  let congestion = new ScriptedCongestion();
  let outlet = new RecordingOutlet(time);
  let pacer = new Pacer({ clock: time, scheduler: time, congestion, frameRate: 60 }, outlet);
  let seq = 0;

  beforeEach(() => {
    time = new VirtualTime(1_000_000);
    congestion = new ScriptedCongestion();
    // One packet a millisecond.
    congestion.pacingBitrateBps = WIRE_BYTES * 8 * 1000;
    congestion.targetBitrateBps = congestion.pacingBitrateBps / 2.5;
    outlet = new RecordingOutlet(time);
    pacer = new Pacer({ clock: time, scheduler: time, congestion, frameRate: 60 }, outlet);
    seq = 0;
  });

  function frame(packets: number, keyframe = false): VideoPacket[] {
    return Array.from({ length: packets }, (_, i) => ({
      packet: Buffer.alloc(PACKET_BYTES),
      seq: seq++,
      keyframe,
      queuedUs: time.nowUs(),
      sentUs: 0,
      resentUs: Number.NEGATIVE_INFINITY,
      guessed: false,
      nackedUs: Number.NEGATIVE_INFINITY,
      arrived: false,
      video: i === packets - 1 ? ({} as NonNullable<VideoPacket['video']>) : undefined,
    }));
  }

  const kinds = () => outlet.sent.map(({ kind }) => kind);
  const times = () => outlet.sent.map(({ atMs }) => atMs - 1000);

  it('sends an ordinary frame at once and needs no timer for it', () => {
    pacer.queueFrame(frame(7), []);
    expect(times()).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(time.pendingTimers).toBe(0);
  });

  it('sends without any limit where congestion control sets none', () => {
    congestion.pacingBitrateBps = Number.POSITIVE_INFINITY;
    pacer.queueFrame(frame(500), []);
    expect(outlet.sent).toHaveLength(500);
    expect(time.pendingTimers).toBe(0);
    expect(pacer.queueMs).toBe(0);
  });

  it('sends ordinary frames at once one after another for as long as they come', () => {
    for (let i = 0; i < 120; i++) {
      pacer.queueFrame(frame(6), []);
      expect(pacer.queuedBytes).toBe(0);
      time.advance(1000 / 60);
    }
  });

  it('spreads a large frame over its own interval', () => {
    pacer.queueFrame(frame(28), []);
    const burst = times().length;
    expect(burst).toBeLessThan(28 * 0.8);
    time.advance(16);
    expect(times()).toHaveLength(28);
    const gaps = times()
      .slice(burst)
      .map((atMs, i, all) => atMs - (all[i - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2);
  });

  it('goes at most twice as fast as the path is believed to like, even for a huge frame', () => {
    pacer.queueFrame(frame(80, true), []);
    const burst = times().length;
    time.advance(20);
    expect(times().length - burst).toBe(40);
    expect(pacer.queueMs).toBeGreaterThan(0);
    time.advance(20);
    expect(times()).toHaveLength(80);
    expect(time.pendingTimers).toBe(0);
  });

  it('keeps its mean rate when timers come late', () => {
    congestion.pacingBitrateBps = WIRE_BYTES * 8 * 1000;
    pacer.setFrameRate(1);
    pacer.queueFrame(frame(110), []);
    const burst = times().length;
    for (let i = 0; i < 20; i++) {
      time.stall(4.7);
      time.advance(0);
    }
    // 94 ms have passed: the packets of 93 or 94 of them have left.
    expect(times().length - burst).toBeGreaterThanOrEqual(93);
    expect(times().length - burst).toBeLessThanOrEqual(94);
  });

  it('sends retransmissions before video, and error correction last', () => {
    congestion.pacingBitrateBps = 1_000_000;
    pacer.queueFrame(frame(3), [Buffer.alloc(PACKET_BYTES)]);
    pacer.queueFrame(frame(2), []);
    const before = outlet.sent.length;
    for (const packet of frame(1)) pacer.queueRetransmission(packet);
    time.advance(200);
    expect(kinds().slice(before)[0]).toBe('retransmission');
    expect(kinds().at(-1)).toBe('repair');
    expect(kinds().filter((kind) => kind === 'video')).toHaveLength(5);
  });

  it('lets sound pay from the budget of the picture, but not for long', () => {
    pacer.account(WIRE_BYTES * 12, undefined);
    pacer.queueFrame(frame(2), []);
    expect(outlet.sent).toHaveLength(0);
    time.advance(3);
    expect(outlet.sent.length).toBeGreaterThan(0);
    pacer.account(WIRE_BYTES * 100_000, undefined);
    pacer.queueFrame(frame(2), []);
    time.advance(60);
    expect(pacer.queuedBytes).toBe(0);
  });

  it('finds video overdue that would take more than 200 ms, or has waited for that long', () => {
    pacer.queueFrame(frame(150), []);
    expect(pacer.isOverdue(time.nowUs())).toBe(false);
    congestion.pacingBitrateBps /= 2;
    expect(pacer.isOverdue(time.nowUs())).toBe(true);
    congestion.pacingBitrateBps *= 2;
    time.stall(201);
    expect(pacer.isOverdue(time.nowUs())).toBe(true);
  });

  it('has more patience with a keyframe, but not for ever', () => {
    pacer.queueFrame(frame(1000, true), []);
    time.stall(590);
    expect(pacer.isOverdue(time.nowUs())).toBe(false);
    time.stall(20);
    expect(pacer.isOverdue(time.nowUs())).toBe(true);
  });

  it('drops the video that waits with its error correction, and says where it began', () => {
    congestion.pacingBitrateBps = 1_000_000;
    pacer.queueFrame(frame(5), [Buffer.alloc(PACKET_BYTES)]);
    pacer.queueFrame(frame(3), []);
    const left = outlet.sent.length;
    expect(pacer.dropVideo()).toEqual({ firstSeq: left, frames: 2 });
    expect(pacer.dropVideo()).toBeUndefined();
    expect(pacer.queuedBytes).toBe(0);
    time.advance(100);
    expect(outlet.sent).toHaveLength(left);
    expect(time.pendingTimers).toBe(0);
  });

  describe('probing', () => {
    const cluster = { id: 9, bitrateBps: WIRE_BYTES * 8 * 2000, minPackets: 10, minBytes: 1 };

    it('fills a cluster with padding at its own rate where no media waits', () => {
      pacer.startProbe(cluster);
      time.advance(20);
      expect(kinds()).toEqual(new Array(10).fill('padding'));
      expect(outlet.sent.every(({ probeId }) => probeId === 9)).toBe(true);
      // Two packets a millisecond: the tenth leaves with the ninth's interval over.
      expect(times()).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
      expect(time.pendingTimers).toBe(0);
    });

    it('sends media first in a cluster, then padding until both limits are reached', () => {
      const large = { ...cluster, minPackets: 2, minBytes: WIRE_BYTES * 6 };
      pacer.startProbe(large);
      pacer.queueFrame(frame(3), []);
      time.advance(20);
      expect(kinds()).toEqual(['padding', 'video', 'video', 'video', 'padding', 'padding']);
    });

    it('sends the rest of the media its usual way once the cluster is complete', () => {
      outlet.paddingBytes = 0;
      pacer.startProbe({ ...cluster, minPackets: 4 });
      pacer.queueFrame(frame(9), []);
      time.advance(20);
      expect(outlet.sent.map(({ probeId }) => probeId)).toEqual([
        ...new Array(4).fill(9),
        ...new Array(5).fill(undefined),
      ]);
    });

    it('waits for media where there is nothing to pad with, and gives up after a second', () => {
      outlet.paddingBytes = 0;
      pacer.startProbe(cluster);
      time.advance(900);
      pacer.queueFrame(frame(2), []);
      time.advance(10);
      expect(outlet.sent.map(({ probeId }) => probeId)).toEqual([9, 9]);
      pacer.startProbe(cluster);
      time.advance(1001);
      pacer.queueFrame(frame(2), []);
      time.advance(10);
      expect(outlet.sent.map(({ probeId }) => probeId)).toEqual([9, 9, undefined, undefined]);
      expect(time.pendingTimers).toBe(0);
    });

    it('sends clusters one after the other', () => {
      pacer.startProbe({ ...cluster, minPackets: 3 });
      pacer.startProbe({ ...cluster, id: 10, minPackets: 3, bitrateBps: cluster.bitrateBps * 2 });
      time.advance(20);
      expect(outlet.sent.map(({ probeId }) => probeId)).toEqual([9, 9, 9, 10, 10, 10]);
    });

    it('makes sound that is sent meanwhile a part of the cluster', () => {
      pacer.startProbe({ ...cluster, minPackets: 5 });
      expect(pacer.probeId).toBe(9);
      pacer.account(WIRE_BYTES, pacer.probeId);
      time.advance(20);
      expect(times()).toEqual([0, 1, 2, 2]);
      expect(pacer.probeId).toBeUndefined();
    });

    it('refuses clusters without end or number', () => {
      pacer.startProbe({ ...cluster, bitrateBps: 0 });
      pacer.startProbe({ ...cluster, bitrateBps: Number.NaN });
      for (let id = 0; id < 50; id++) pacer.startProbe({ ...cluster, id });
      time.advance(1000);
      expect(new Set(outlet.sent.map(({ probeId }) => probeId)).size).toBeLessThan(6);
      expect(time.pendingTimers).toBe(0);
    });
  });

  it('leaves no timer behind and sends nothing more once it is closed', () => {
    pacer.queueFrame(frame(50), []);
    pacer.startProbe({ id: 1, bitrateBps: 1e6, minPackets: 100, minBytes: 1 });
    const left = outlet.sent.length;
    pacer.close();
    pacer.close();
    pacer.flush();
    expect(time.pendingTimers).toBe(0);
    time.advance(1000);
    expect(outlet.sent).toHaveLength(left);
  });
});

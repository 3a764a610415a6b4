import { describe, expect, it } from 'vitest';
import { BulkReceiver } from '../../../bench/network/bulk-receiver.ts';
import { BulkSender } from '../../../bench/network/bulk-sender.ts';
import { TcpFlow } from '../../../bench/network/tcp-flow.ts';
import { ImpairedLink } from '../../../gate/network/link.ts';
import type { LinkModel } from '../../../gate/network/link-model.ts';
import { ImpairmentRelay } from '../../../gate/network/relay.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';

/** 10 Mbit/s, 40 ms of round trip, a queue of 100 ms. */
const LINK: LinkModel = {
  loss: { kind: 'random', share: 0 },
  rate: [{ durationMs: 86_400_000, bitrateBps: 10e6 }],
  queue: { delayMs: 100 },
  delayMs: 20,
  jitter: { spreadMs: 0, correlationMs: 0, reorder: false },
};

/** Flows that share a simulated network. */
class SharedNetwork {
  readonly time = new VirtualTime();
  readonly down: ImpairedLink;
  readonly up: ImpairedLink;
  readonly #ends: { close(): void }[] = [];

  constructor(model: Partial<LinkModel> = {}) {
    this.down = new ImpairedLink({ ...LINK, ...model }, 1, this.time, this.time);
    this.up = new ImpairedLink({ ...LINK, ...model }, 2, this.time, this.time);
  }

  addFlow(): { sender: BulkSender; receiver: BulkReceiver } {
    const sender = new BulkSender(this.time, this.time, (packet) => {
      this.down.send(packet, (arrived) => receiver.handlePacket(arrived));
    });
    const receiver = new BulkReceiver(this.time, this.time, (packet) => {
      this.up.send(packet, (arrived) => sender.handlePacket(arrived));
    });
    this.#ends.push(sender, receiver);
    sender.start();
    return { sender, receiver };
  }

  close(): void {
    for (const end of [...this.#ends, this.down, this.up]) end.close();
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('a bulk flow', () => {
  it('fills a link alone, and its queue as TCP does', () => {
    const network = new SharedNetwork();
    const { sender, receiver } = network.addFlow();
    network.time.advance(30_000);
    const bps = receiver.throughputBps();
    expect(bps).toHaveLength(30);
    expect(meanOf(bps.slice(5)) / 10e6).toBeGreaterThanOrEqual(0.9);
    expect(Math.max(...bps)).toBeLessThanOrEqual(10.1e6);
    expect(network.down.statistics().packetsDropped).toBeGreaterThan(0);
    expect(sender.roundTripMs).toBeGreaterThan(60);
    network.close();
  });

  it('gives half to a second one that comes later', () => {
    const network = new SharedNetwork();
    const first = network.addFlow();
    network.time.advance(20_000);
    const second = network.addFlow();
    network.time.advance(100_000);
    const share = ({ receiver }: typeof first) => meanOf(receiver.throughputBps().slice(-60));
    expect((share(first) + share(second)) / 10e6).toBeGreaterThanOrEqual(0.9);
    expect(share(second) / (share(first) + share(second))).toBeGreaterThan(0.4);
    expect(share(second) / (share(first) + share(second))).toBeLessThan(0.6);
    network.close();
  });

  it('yields to random loss as TCP must, about √1.5 / √p packets a round trip', () => {
    const network = new SharedNetwork({ loss: { kind: 'random', share: 0.01 } });
    const { receiver } = network.addFlow();
    network.time.advance(120_000);
    // CUBIC is as fast as Reno here (RFC 9438 §4.3): 12.2 packets of 1500 bytes in 40 ms.
    const expected = (Math.sqrt(1.5 / 0.01) * 1500 * 8) / 0.04;
    const measured = meanOf(receiver.throughputBps().slice(10));
    expect(measured / expected).toBeGreaterThan(0.7);
    expect(measured / expected).toBeLessThan(1.3);
    network.close();
  });

  it('starts again after everything was lost for a while', () => {
    const network = new SharedNetwork();
    let dark = false;
    const sender = new BulkSender(network.time, network.time, (packet) => {
      if (!dark) network.down.send(packet, (arrived) => receiver.handlePacket(arrived));
    });
    const receiver = new BulkReceiver(network.time, network.time, (packet) => {
      network.up.send(packet, (arrived) => sender.handlePacket(arrived));
    });
    sender.start();
    network.time.advance(5000);
    dark = true;
    network.time.advance(3000);
    dark = false;
    network.time.advance(12_000);
    const bps = receiver.throughputBps();
    expect(bps.slice(6, 8)).toEqual([0, 0]);
    expect(meanOf(bps.slice(-5)) / 10e6).toBeGreaterThanOrEqual(0.9);
    sender.close();
    receiver.close();
    network.close();
    expect(network.time.pendingTimers).toBe(0);
  });

  it('ignores what is no acknowledgement, or one of packets never sent', () => {
    const time = new VirtualTime();
    const sent: Uint8Array[] = [];
    const sender = new BulkSender(time, time, (packet) => sent.push(packet));
    const answers: Uint8Array[] = [];
    const receiver = new BulkReceiver(time, time, (packet) => answers.push(packet));
    sender.start();
    const atFirst = sent.length;
    sender.handlePacket(Uint8Array.of(1, 2, 3));
    sender.handlePacket(Buffer.alloc(13, 0xff));
    sender.handlePacket(Uint8Array.of(17, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    expect(sent).toHaveLength(atFirst);
    receiver.handlePacket(Uint8Array.of(16));
    expect(answers).toEqual([]);
    sender.close();
  });
});

describe('TcpFlow', () => {
  it('flows through the relay and counts what arrives', async () => {
    const time = new VirtualTime();
    const relay = new ImpairmentRelay({ name: 'test', down: LINK, up: LINK }, 1, time, time);
    const flow = await TcpFlow.start((target) => relay.open(target), time, time);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    // Loopback takes real turns of the loop; the network and TCP's timers go by virtual time.
    for (let ms = 0; ms < 1500 || flow.throughputBps().every((bps) => bps === 0); ms++) {
      time.advance(1);
      await turn();
    }
    expect(flow.throughputBps().some((bps) => bps > 1e6)).toBe(true);
    expect(flow.roundTripMs).toBeGreaterThanOrEqual(40);
    flow.close();
    flow.close();
    relay.close();
    expect(time.pendingTimers).toBe(0);
  });
});

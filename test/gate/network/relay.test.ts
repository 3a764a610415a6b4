import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../../../gate/network/candidates.ts';
import type { LinkModel } from '../../../gate/network/link-model.ts';
import { ImpairmentRelay } from '../../../gate/network/relay.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';

const LOOPBACK = '127.0.0.1';

const LINK: LinkModel = {
  loss: { kind: 'random', share: 0 },
  rate: [{ durationMs: 1000, bitrateBps: 8e6 }],
  queue: { delayMs: 100 },
  delayMs: 20,
  jitter: { spreadMs: 0, correlationMs: 0, reorder: false },
};

/** A socket that keeps what it receives. */
class Endpoint {
  readonly socket: Socket = createSocket('udp4');
  readonly received: { text: string; from: Address }[] = [];

  constructor() {
    this.socket.on('message', (datagram, { address, port }) => {
      this.received.push({ text: datagram.toString(), from: { host: address, port } });
    });
  }

  async open(): Promise<this> {
    this.socket.bind(0, LOOPBACK);
    await once(this.socket, 'listening');
    return this;
  }

  get address(): Address {
    return { host: LOOPBACK, port: this.socket.address().port };
  }

  send(text: string, to: Address): void {
    this.socket.send(text, to.port, to.host);
  }
}

/** Turns of the event loop, until loopback has done its work. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('ImpairmentRelay', () => {
  let time: VirtualTime;
  let relay: ImpairmentRelay;
  let target: Endpoint;
  let peer: Endpoint;
  let stranger: Endpoint;

  beforeEach(async () => {
    time = new VirtualTime();
    relay = new ImpairmentRelay({ name: 'test', down: LINK, up: LINK }, 1, time, time);
    target = await new Endpoint().open();
    peer = await new Endpoint().open();
    stranger = await new Endpoint().open();
  });

  afterEach(() => {
    relay.close();
    for (const { socket } of [target, peer, stranger]) socket.close();
    expect(time.pendingTimers).toBe(0);
  });

  /** Sends from the peer and lets it arrive. */
  async function up(path: Address, text: string, from = peer): Promise<void> {
    const { packetsIn } = relay.statistics().up;
    from.send(text, path);
    await until(() => relay.statistics().up.packetsIn > packetsIn);
    const count = target.received.length;
    time.advance(1000);
    await until(() => target.received.length > count);
  }

  async function down(to: Address, text: string): Promise<void> {
    const { packetsIn } = relay.statistics().down;
    target.send(text, to);
    await until(() => relay.statistics().down.packetsIn > packetsIn);
  }

  it('stands in for the target to the peer, and for the peer to the target', async () => {
    const path = await relay.open(target.address);
    await up(path, 'hello');
    const [heard] = target.received;
    expect(heard?.text).toBe('hello');
    expect(heard?.from).not.toEqual(peer.address);

    await down(heard?.from ?? path, 'welcome');
    time.advance(19);
    expect(relay.statistics().down.packetsDelivered).toBe(0);
    time.advance(2);
    await until(() => peer.received.length > 0);
    expect(peer.received).toEqual([{ text: 'welcome', from: path }]);
  });

  it('takes datagrams from nobody else', async () => {
    const path = await relay.open(target.address);
    await up(path, 'hello');
    const back = target.received[0]?.from ?? path;
    stranger.send('to the front', path);
    stranger.send('to the back', back);
    await until(() => relay.statistics().strangers === 2);
    time.advance(1000);
    const { up: upLink, down: downLink } = relay.statistics();
    expect([upLink.packetsIn, downLink.packetsIn]).toEqual([1, 0]);
  });

  it('sends all paths through one bottleneck', async () => {
    const paths = [await relay.open(target.address), await relay.open(target.address)];
    for (const path of paths) await up(path, 'hello', path === paths[0] ? peer : stranger);
    const backs = target.received.map(({ from }) => from);
    expect(new Set(backs.map(({ port }) => port)).size).toBe(2);
    // 972 bytes and 28 of headers are a millisecond of 8 Mbit/s.
    for (const back of backs) await down(back, 'x'.repeat(972));
    expect(relay.statistics().down.queueDelayMs).toBe(2);
    time.advance(21);
    expect(relay.statistics().down.packetsDelivered).toBe(1);
    time.advance(1);
    expect(relay.statistics().down.packetsDelivered).toBe(2);
    await until(() => peer.received.length + stranger.received.length === 2);
  });

  it('loses what is under way when it closes', async () => {
    const path = await relay.open(target.address);
    await up(path, 'hello');
    await down(target.received[0]?.from ?? path, 'too late');
    relay.close();
    time.advance(1000);
    expect(relay.statistics().down.packetsDelivered).toBe(0);
  });
});

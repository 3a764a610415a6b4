import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Address, MapAddress } from '../../gate/network/candidates.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import { BulkReceiver } from './bulk-receiver.ts';
import { BulkSender } from './bulk-sender.ts';

const LOOPBACK = '127.0.0.1';

/** The first datagram may be lost on the way: it is repeated until data come. */
const GREETING_MS = 200;
const GREETING = Uint8Array.of(0);

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  return socket;
}

/**
 * A download beside the game: one flow that behaves like TCP with CUBIC, through a path of the relay
 * in the direction of the media. It is made of UDP, as the relay's network is, and greedy until it
 * is closed.
 */
export class TcpFlow {
  readonly #scheduler: Scheduler;
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #sender: BulkSender;
  readonly #receiver: BulkReceiver;
  readonly #path: Address;
  #receiverAddress: Address | undefined;
  #cancelGreeting: (() => void) | undefined;
  #closed = false;

  private constructor(
    near: Socket,
    far: Socket,
    path: Address,
    clock: Clock,
    scheduler: Scheduler,
  ) {
    this.#near = near;
    this.#far = far;
    this.#path = path;
    this.#scheduler = scheduler;
    this.#sender = new BulkSender(clock, scheduler, (packet) => {
      const { host, port } = this.#receiverAddress ?? path;
      near.send(packet, port, host);
    });
    this.#receiver = new BulkReceiver(clock, scheduler, (packet) => {
      far.send(packet, path.port, path.host);
    });
    near.on('message', (packet, { address, port }) => {
      if (this.#receiverAddress) {
        this.#sender.handlePacket(packet);
        return;
      }
      this.#receiverAddress = { host: address, port };
      this.#sender.start();
    });
    far.on('message', (packet) => this.#receiver.handlePacket(packet));
    this.#greet();
  }

  /**
   * @param openPath such as a relay's `open`.
   * @throws Error where no port is free or no path opens.
   */
  static async start(openPath: MapAddress, clock: Clock, scheduler: Scheduler): Promise<TcpFlow> {
    const near = await bound();
    const far = await bound();
    try {
      const path = await openPath({ host: LOOPBACK, port: near.address().port });
      return new TcpFlow(near, far, path, clock, scheduler);
    } catch (error) {
      near.close();
      far.close();
      throw error;
    }
  }

  /** Smoothed; undefined before the first acknowledgement. */
  get roundTripMs(): number | undefined {
    return this.#sender.roundTripMs;
  }

  /** Throughput is counted from now on. */
  markStart(): void {
    this.#receiver.markStart();
  }

  /** Bits of IP that arrived in each whole second since the start. */
  throughputBps(): number[] {
    return this.#receiver.throughputBps();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelGreeting?.();
    this.#sender.close();
    this.#receiver.close();
    this.#near.close();
    this.#far.close();
  }

  #greet(): void {
    if (this.#receiver.hasReceived) return;
    this.#far.send(GREETING, this.#path.port, this.#path.host);
    this.#cancelGreeting = this.#scheduler.after(GREETING_MS, () => this.#greet());
  }
}

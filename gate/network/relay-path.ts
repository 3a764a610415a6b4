import { createSocket, type RemoteInfo, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import type { Address } from './candidates.ts';
import type { ImpairedLink } from './link.ts';

const LOOPBACK = '127.0.0.1';
const ANY_ADDRESS = '0.0.0.0';

/** An unpaced frame of 500 kB, if the system grants it: what overflows here no statistics count. */
const BUFFER_BYTES = 1 << 20;

/** Addresses are never names here, and Node would look even these up a turn later. */
const lookup: NonNullable<SocketOptions['lookup']> = (host, _options, callback) => {
  callback(null, host, 4);
};

/** A socket of the loopback reaches nothing beyond this machine. */
function addressTowards({ host }: Address): string {
  return host.startsWith('127.') ? LOOPBACK : ANY_ADDRESS;
}

function isFrom({ address, port }: RemoteInfo, { host, port: expected }: Address): boolean {
  return port === expected && address === host;
}

/** One address of the relay: a socket that the peer sends to, and one that stands for the peer. */
export class RelayPath {
  readonly #target: Address;
  readonly #down: ImpairedLink;
  readonly #up: ImpairedLink;
  readonly #front: Socket;
  readonly #back: Socket;
  #peer: Address | undefined;
  #strangers = 0;
  #failures = 0;
  #closed = false;

  private constructor(target: Address, down: ImpairedLink, up: ImpairedLink) {
    this.#target = target;
    this.#down = down;
    this.#up = up;
    this.#front = this.#socket(this.#handleFromPeer);
    this.#back = this.#socket(this.#handleFromTarget);
  }

  /**
   * @param host address of this machine that the peer sends to.
   * @throws Error where no port is free.
   */
  static async open(
    target: Address,
    down: ImpairedLink,
    up: ImpairedLink,
    host: string = LOOPBACK,
  ): Promise<RelayPath> {
    const path = new RelayPath(target, down, up);
    await Promise.all(
      [
        { socket: path.#front, at: host },
        { socket: path.#back, at: addressTowards(target) },
      ].map(({ socket, at }) => {
        const listening = once(socket, 'listening');
        socket.bind(0, at);
        return listening;
      }),
    );
    return path;
  }

  /** Stands in for the target. */
  get address(): Address {
    const { address, port } = this.#front.address();
    return { host: address, port };
  }

  /** Datagrams from addresses that are neither the peer's, which the first one told, nor the target's. */
  get strangers(): number {
    return this.#strangers;
  }

  /** Datagrams that the system did not take. */
  get failures(): number {
    return this.#failures;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#front.close();
    this.#back.close();
  }

  #socket(handle: (datagram: Buffer, source: RemoteInfo) => void): Socket {
    const socket = createSocket({
      type: 'udp4',
      lookup,
      recvBufferSize: BUFFER_BYTES,
      sendBufferSize: BUFFER_BYTES,
    });
    socket.on('message', handle);
    // An address that nobody listens at any more: the network would lose it just so.
    socket.on('error', () => {
      this.#failures++;
    });
    return socket;
  }

  readonly #handleFromPeer = (datagram: Buffer, source: RemoteInfo): void => {
    this.#peer ??= { host: source.address, port: source.port };
    if (isFrom(source, this.#peer)) this.#up.send(datagram, this.#toTarget);
    else this.#strangers++;
  };

  readonly #handleFromTarget = (datagram: Buffer, source: RemoteInfo): void => {
    if (this.#peer && isFrom(source, this.#target)) this.#down.send(datagram, this.#toPeer);
    else this.#strangers++;
  };

  readonly #toTarget = (datagram: Uint8Array): void => {
    if (!this.#closed) this.#back.send(datagram, this.#target.port, this.#target.host);
  };

  readonly #toPeer = (datagram: Uint8Array): void => {
    if (this.#closed || !this.#peer) return;
    this.#front.send(datagram, this.#peer.port, this.#peer.host);
  };
}

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Passes each connection on to a node: the plainest balancer there is, which knows nothing of sockets. */
export class ConnectionBalancer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Ports of this machine, tried from the first on. */
  nodes: readonly number[] = [];

  private constructor() {
    this.#server = createServer((client) => this.#passOn(client, [...this.nodes]));
  }

  static async start(): Promise<ConnectionBalancer> {
    const balancer = new ConnectionBalancer();
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #passOn(client: Socket, nodes: number[]): void {
    this.#keep(client);
    const port = nodes.shift();
    if (port === undefined) {
      client.destroy();
      return;
    }
    const node = connect(port, '127.0.0.1');
    node.once('connect', () => {
      this.#keep(node);
      node.off('error', tryNext);
      client.pipe(node).pipe(client);
      client.once('close', () => node.destroy());
      node.once('close', () => client.destroy());
    });
    const tryNext = () => this.#passOn(client, nodes);
    node.once('error', tryNext);
  }

  #keep(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    // Whoever hung up: the other side is hung up on.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

import { ConnectionBalancer } from '../../test/support/connection-balancer.ts';
import { PostgresServer } from '../../test/support/postgres-server.ts';
import { RedisServer } from '../../test/support/redis-server.ts';
import { RockpoolProcess, temporaryFolder } from '../../test/support/rockpool-process.ts';
import { ContainerProcess } from './rockpool-apart.ts';

const JOIN_TOKEN = 'the token of all nodes';
const SIGNING_KEY = 'B'.repeat(43);

/** One signaling node among others. */
export class SignalingNode {
  readonly url: string;
  readonly #process: RockpoolProcess;
  readonly #remove: () => void;

  private constructor(url: string, process: RockpoolProcess, remove: () => void) {
    this.url = url;
    this.#process = process;
    this.#remove = remove;
  }

  static async start(
    name: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<SignalingNode> {
    const data = temporaryFolder();
    const process = new RockpoolProcess(['signaling'], {
      ROCKPOOL_PORT: '0',
      ROCKPOOL_DATA: data.path,
      ROCKPOOL_NODE: name,
      ROCKPOOL_JOIN_TOKEN: JOIN_TOKEN,
      ROCKPOOL_SIGNING_KEY: SIGNING_KEY,
      ...environment,
    });
    return new SignalingNode(await process.ready(), process, data.remove);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** As a crash or a pulled plug ends it. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#process.exited;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    this.#remove();
  }
}

/** Nodes with the Redis and the Postgres that they share, and containers that join behind a balancer. */
export class RockpoolNodes {
  readonly nodes: SignalingNode[] = [];
  readonly balancer: ConnectionBalancer;
  readonly #redis: RedisServer;
  readonly #postgres: PostgresServer;
  readonly #databaseUrl: string;
  readonly #containers: ContainerProcess[] = [];

  private constructor(
    balancer: ConnectionBalancer,
    redis: RedisServer,
    postgres: PostgresServer,
    databaseUrl: string,
  ) {
    this.balancer = balancer;
    this.#redis = redis;
    this.#postgres = postgres;
    this.#databaseUrl = databaseUrl;
  }

  /** So many nodes; the balancer prefers the first. */
  static async start(
    count: number,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RockpoolNodes> {
    const redis = await RedisServer.start();
    const postgres = await PostgresServer.start();
    const databaseUrl = await postgres.createDatabase();
    const balancer = await ConnectionBalancer.start();
    const pool = new RockpoolNodes(balancer, redis, postgres, databaseUrl);
    for (let at = 0; at < count; at++) await pool.addNode(environment);
    return pool;
  }

  get joinToken(): string {
    return JOIN_TOKEN;
  }

  async addContainer(
    name: string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<ContainerProcess> {
    const { url } = this.balancer;
    const container = await ContainerProcess.start(url, JOIN_TOKEN, name, environment);
    this.#containers.push(container);
    return container;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#containers.map((container) => container.stop()));
    await Promise.all(this.nodes.map((node) => node.stop()));
    await this.balancer.close();
    await this.#redis.remove();
    await this.#postgres.remove();
  }

  /** Another one, which the balancer prefers to none. */
  async addNode(environment: Readonly<Record<string, string>> = {}): Promise<SignalingNode> {
    const node = await SignalingNode.start(`node ${this.nodes.length}`, {
      DATABASE_URL: this.#databaseUrl,
      REDIS_URL: this.#redis.url,
      ...environment,
    });
    this.nodes.push(node);
    this.balancer.nodes = [...this.balancer.nodes, node.port];
    return node;
  }
}

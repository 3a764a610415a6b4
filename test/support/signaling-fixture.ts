import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { JoinRequest } from '../../protocol/container-messages.ts';
import { readSignalingConfig, type SignalingConfig } from '../../signaling/config.ts';
import type { PoolBus } from '../../signaling/nodes/pool-bus.ts';
import { type SignalingServer, startSignaling } from '../../signaling/signaling-server.ts';
import { MemoryStore } from '../../signaling/store/memory-store.ts';
import { FakeContainer, type FakeHello } from './fake-container.ts';
import { FakePlayer } from './fake-player.ts';
import { ManualTimers } from './manual-timers.ts';

/** A real signaling server in a folder of its own, with everything that a test opens on it. */
export class SignalingFixture {
  readonly folder: string;
  readonly clientFolder: string;
  timers = new ManualTimers();
  /** Of the running server: a restart forgets. */
  store = new MemoryStore();
  /** Epoch milliseconds. */
  wallClockMs = 1_800_000_000_000;
  #server: SignalingServer | undefined;
  readonly #config: SignalingConfig;
  readonly #bus: PoolBus | undefined;
  readonly #opened: { close(): void }[] = [];

  private constructor(folder: string, config: SignalingConfig, bus: PoolBus | undefined) {
    this.folder = folder;
    this.#bus = bus;
    this.clientFolder = join(folder, 'client');
    this.#config = config;
  }

  /** @param bus to other servers of the test. */
  static async start(
    overrides: Partial<SignalingConfig> = {},
    bus?: PoolBus,
  ): Promise<SignalingFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'rockpool-signaling-'));
    const config: SignalingConfig = {
      ...readSignalingConfig({ ROCKPOOL_PORT: '0', ROCKPOOL_DATA: join(folder, 'data') }),
      ...overrides,
    };
    const fixture = new SignalingFixture(folder, config, bus);
    fixture.#server = await fixture.#start(config);
    return fixture;
  }

  #start(config: SignalingConfig): Promise<SignalingServer> {
    return startSignaling(config, {
      log: pino({ level: 'silent' }),
      clientFolder: this.clientFolder,
      timers: this.timers,
      wallClockMs: () => this.wallClockMs,
      store: this.store,
      ...(this.#bus && { bus: this.#bus }),
    });
  }

  get server(): SignalingServer {
    if (!this.#server) throw new Error('This fixture has not started.');
    return this.#server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /**
   * Stops the server and starts another on the same port and folder.
   * @param keepsStore as a database does.
   */
  async restart({ keepsStore = false } = {}): Promise<void> {
    const { port } = this.server;
    if (keepsStore) this.store.close = async () => undefined;
    await this.server.close();
    this.timers = new ManualTimers();
    if (!keepsStore) this.store = new MemoryStore();
    this.#server = await this.#start({ ...this.#config, port });
  }

  player(hello: Record<string, unknown> = {}, headers?: Record<string, string>): FakePlayer {
    const player = new FakePlayer(this.url, hello, headers);
    this.#opened.push(player);
    return player;
  }

  /** A connected player, as a guest of its own or with a token. */
  async guest(token?: string): Promise<FakePlayer & { token: string; playerId: string }> {
    const player = this.player(token === undefined ? {} : { token });
    const welcome = await player.welcome();
    return Object.assign(player, { token: welcome.token, playerId: welcome.playerId });
  }

  newContainer(hello: FakeHello = {}, headers = {}): FakeContainer {
    const container = new FakeContainer(this.url, this.server.joinToken, hello, headers);
    this.#opened.push(container);
    return container;
  }

  /** A joined container on standby. */
  container(join: Partial<JoinRequest> = {}, hello: FakeHello = {}): Promise<FakeContainer> {
    return this.newContainer(hello).start(join);
  }

  get(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url + path, init);
  }

  /** The value of a line of /metrics; 0 while there is none. */
  async metric(line: string): Promise<number> {
    const text = await (await this.get('/metrics')).text();
    const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
    return Number(found?.slice(line.length + 1) ?? 0);
  }

  async close(): Promise<void> {
    for (const opened of this.#opened) opened.close();
    await this.server.close();
    await rm(this.folder, { recursive: true });
  }
}

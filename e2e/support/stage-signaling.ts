import { join } from 'node:path';
import { pino } from 'pino';
import { type JoinRequest, LOAD_INTERVAL_MS } from '../../protocol/container-messages.ts';
import { readSignalingConfig } from '../../signaling/config.ts';
import { type SignalingServer, startSignaling } from '../../signaling/signaling-server.ts';
import { MemoryStore } from '../../signaling/store/memory-store.ts';
import { FakeContainer, fakeLoad } from '../../test/support/fake-container.ts';
import { temporaryFolder } from '../../test/support/rockpool-process.ts';
import { StudioBrowser } from '../../test/support/studio-browser.ts';

const SLOTS = 4;

/** Signaling with the built pages, in this process: a test fills its store, and says what can be played. */
export class StageSignaling {
  readonly store: MemoryStore;
  readonly #server: SignalingServer;
  readonly #folder: ReturnType<typeof temporaryFolder>;
  readonly #containers: FakeContainer[] = [];
  readonly #heartbeats: ReturnType<typeof setInterval>[] = [];

  private constructor(
    server: SignalingServer,
    store: MemoryStore,
    folder: ReturnType<typeof temporaryFolder>,
  ) {
    this.#server = server;
    this.store = store;
    this.#folder = folder;
  }

  static async start(): Promise<StageSignaling> {
    const folder = temporaryFolder();
    const store = new MemoryStore();
    const server = await startSignaling(
      readSignalingConfig({ ROCKPOOL_PORT: '0', ROCKPOOL_DATA: folder.path }),
      {
        store,
        clientFolder: join(import.meta.dirname, '../../dist/client'),
        log: pino({ level: 'silent' }),
      },
    );
    return new StageSignaling(server, store, folder);
  }

  /** Passkeys and cookies are for `localhost`. */
  get url(): string {
    return `http://localhost:${this.#server.port}`;
  }

  /** A machine with room for four that has these games; nothing is played on it. */
  async offer(games: JoinRequest['games']): Promise<FakeContainer> {
    const container = new FakeContainer(this.url, this.#server.joinToken);
    this.#containers.push(container);
    await container.start({ games, slots: SLOTS });
    // Who has not told their load for a while is asked no more.
    const heartbeat = setInterval(
      () => void container.request('load', fakeLoad(SLOTS)),
      LOAD_INTERVAL_MS,
    );
    this.#heartbeats.push(heartbeat);
    return container;
  }

  /** The first owner, signed in to their studio Tidal Games. */
  async owner(): Promise<StudioBrowser> {
    const ada = new StudioBrowser(this.url);
    await ada.comeIn(this.#server.signInLink, { name: 'Ada', studio: 'Tidal Games' });
    return ada;
  }

  async close(): Promise<void> {
    for (const heartbeat of this.#heartbeats) clearInterval(heartbeat);
    for (const container of this.#containers) container.close();
    await this.#server.close();
    this.#folder.remove();
  }
}

import { join } from 'node:path';
import { StudioClient } from '../../cli/studio-client.ts';
import type { StudioGames } from '../../protocol/studio-builds.ts';
import { RawUploader } from '../../test/support/raw-upload.ts';
import { RockpoolProcess } from '../../test/support/rockpool-process.ts';
import { StudioBrowser } from '../../test/support/studio-browser.ts';
import { benchFolder } from '../support/bench-folder.ts';
import type { Belongings } from '../support/run-bench.ts';

/** Signaling in a process of its own, with a studio that has a game, and a token for it. */
export class StudioUnderTest {
  readonly url: string;
  readonly client: StudioClient;
  readonly #owner: StudioBrowser;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #folder: string;
  #process: RockpoolProcess;

  private constructor(
    url: string,
    client: StudioClient,
    owner: StudioBrowser,
    environment: Readonly<Record<string, string>>,
    folder: string,
    running: RockpoolProcess,
  ) {
    this.url = url;
    this.client = client;
    this.#owner = owner;
    this.#environment = environment;
    this.#folder = folder;
    this.#process = running;
  }

  static async start(belongings: Belongings): Promise<StudioUnderTest> {
    const folder = benchFolder(belongings);
    const environment = {
      ROCKPOOL_PORT: '0',
      ROCKPOOL_DATA: folder,
      ROCKPOOL_LOG_LEVEL: 'error',
      // Empty: the store in the data folder, which outlives the process.
      DATABASE_URL: '',
    };
    const running = new RockpoolProcess(['signaling'], environment);
    const url = await running.ready();
    const [, link = ''] = await running.printed(/Studio, for its owner, .*: (\S+)/);
    const owner = new StudioBrowser(url);
    await owner.comeIn(link, { name: 'Ada', studio: 'Tidal Games' });
    await owner.must('POST', '/studios/tidal-games/games', { id: 'sample', title: 'Sample' });
    const wish = { name: 'Bench', scopes: ['builds:read', 'builds:write'], lifetimeDays: 7 };
    const path = '/studios/tidal-games/tokens';
    const { token } = await owner.must<{ token: string }>('POST', path, wish);
    const client = await StudioClient.open(url, token, 'sample');
    const again = { ...environment, ROCKPOOL_PORT: new URL(url).port };
    const studio = new StudioUnderTest(url, client, owner, again, folder, running);
    belongings.add({
      close: () => studio.#process.stop(),
      kill: () => studio.#process.kill('SIGKILL'),
    });
    return studio;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Where uploads lie: the same disk as everything else of it. */
  get disk(): string {
    return join(this.#folder, 'studio');
  }

  /** Bytes that its builds take. */
  async usedBytes(): Promise<number> {
    const path = '/studios/tidal-games/games';
    return (await this.#owner.must<StudioGames>('GET', path)).storage.usedBytes;
  }

  async forget(uploadId: string): Promise<void> {
    await RawUploader.of(this.url, this.#owner).cancel(uploadId);
  }

  /** Ends it as a power cut does, and starts it at the same address. */
  async killAndStart(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#process.exited;
    this.#process = new RockpoolProcess(['signaling'], this.#environment);
    await this.#process.ready();
  }
}

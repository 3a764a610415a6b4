import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import puppeteer, {
  type Browser,
  type BrowserContext,
  type CreatePageOptions,
  type Page,
} from 'puppeteer-core';
import { DEFAULT_SETTINGS, SettingsStore } from '../../client/pages/settings-store.ts';
import {
  idleSpareBelow,
  isMeasuring,
  workersBelow,
} from '../../gate/machine/rockpool-processes.ts';
import { gameListSchema } from '../../protocol/game-info.ts';
import {
  RESOLUTIONS,
  type Resolution,
  type StreamSettings,
} from '../../protocol/stream-settings.ts';
import { CHROMIUM, chromiumOptions } from '../../test/support/browser.ts';
import { RockpoolProcess } from '../../test/support/rockpool-process.ts';
import { benchFolder } from './bench-folder.ts';
import { bundlePageScript } from './page-script.ts';
import { type Belongings, Skip } from './run-bench.ts';

/** What every measurement of the stream alone is made at. */
export const MEASURED_STREAM: StreamSettings = {
  ...DEFAULT_SETTINGS.stream,
  resolution: { width: 1280, height: 720 },
  frameRate: 60,
};

/** What benches play, built in and native. */
const GAMES = [
  'calibration',
  'calibration-gpu',
  'skimmer',
  'native-calibration',
  'native-still',
  'freedoom',
];

const POLL_MS = 50;

/**
 * Waits until `condition` is true.
 * @throws Error that names what did not come.
 */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`In ${timeoutMs / 1000} s: not ${what}.`);
    await sleep(POLL_MS);
  }
}

/** The compiled program on this machine, with the processes below it. */
export class Rockpool {
  readonly url: string;
  readonly pid: number;

  private constructor(url: string, pid: number) {
    this.url = url;
    this.pid = pid;
  }

  /**
   * Resolves when the program has measured the machine and drawn its covers: it is at rest.
   * @param environment what is configured beyond what every measurement has.
   */
  static async start(
    belongings: Belongings,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Rockpool> {
    const child = new RockpoolProcess(['up'], {
      ROCKPOOL_PORT: '0',
      ROCKPOOL_DATA: benchFolder(belongings),
      ROCKPOOL_LOG_LEVEL: 'error',
      ...environment,
    });
    belongings.add({ close: () => child.stop(), kill: () => child.kill('SIGTERM') });
    console.log('Starting Rockpool; it measures the machine first…');
    const rockpool = new Rockpool(await child.ready(), child.pid);
    await until('through with its covers', async () => !(await isMeasuring(child.pid)), 120_000);
    await rockpool.spareReady();
    return rockpool;
  }

  /** The games that this machine can run, with the sessions there is room for. */
  async freeSlots(): Promise<Map<string, number>> {
    const response = await fetch(`${this.url}/api/games`);
    const { games } = gameListSchema.parse(await response.json());
    return new Map(games.map(({ id, freeSlots }) => [id, freeSlots]));
  }

  /** Ids of the session workers, spare or not. */
  workers(): Promise<number[]> {
    return workersBelow(this.pid);
  }

  /** Waits until no session runs and the spare worker has loaded and warmed all it will need. */
  async spareReady(): Promise<number> {
    let spare: number | undefined;
    await until('one idle spare worker', async () => {
      spare = await idleSpareBelow(this.pid, sleep);
      return spare !== undefined;
    });
    return spare ?? 0;
  }
}

/** @param name such as `1280x720`. @throws Error where no stream is of that size. */
export function sizeNamed(name: string): Resolution {
  const size = RESOLUTIONS.find(({ width, height }) => `${width}x${height}` === name);
  if (!size) throw new Error(`There is no size ${name}.`);
  return { ...size };
}

/** @param viewport of its pages; left out, one that holds 1280×720. */
export async function startBrowser(
  belongings: Belongings,
  viewport?: Resolution,
): Promise<Browser> {
  if (!CHROMIUM) throw new Skip('there is no Chromium on this machine: apt-get install chromium.');
  const browser = await puppeteer.launch({
    ...chromiumOptions(),
    ...(viewport && { defaultViewport: viewport }),
  });
  belongings.add({ close: () => browser.close(), kill: () => browser.process()?.kill('SIGKILL') });
  return browser;
}

/** What the settings page would have kept: these settings, and no first-time help in the way. */
function storedSettings(stream: StreamSettings): [string, string][] {
  const values = new Map<string, string>();
  const store = new SettingsStore(() => ({
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  }));
  store.update({ stream });
  for (const game of GAMES) store.isFirstStart(game);
  return [...values];
}

/** A page in front, of its window, with a probe in it from its first script on. */
export async function openPage(
  browser: Browser | BrowserContext,
  probe: URL,
  stream: StreamSettings,
  options: CreatePageOptions = {},
): Promise<Page> {
  const page = await browser.newPage(options);
  await page.evaluateOnNewDocument(await bundlePageScript(probe));
  await page.evaluateOnNewDocument((entries: [string, string][]) => {
    for (const [key, value] of entries) localStorage.setItem(key, value);
  }, storedSettings(stream));
  await page.bringToFront();
  return page;
}

/** The library, ready to be clicked. */
export async function openLibrary(page: Page, url: string, gameId: string): Promise<void> {
  await page.goto(url);
  await page.waitForSelector(linkOf(gameId));
}

function linkOf(gameId: string): string {
  return `a[href="/play/${gameId}"]`;
}

/** Clicks "Play" as a person does. */
export async function pressPlay(page: Page, gameId: string): Promise<void> {
  await page.click(linkOf(gameId));
}

/** Clicks "Play" and waits for the picture. @throws Error with the state otherwise. */
export async function play(page: Page, gameId: string): Promise<void> {
  await pressPlay(page, gameId);
  await page.waitForFunction(
    () => {
      const { state, firstFrameMs } = window.rockpool?.snapshot ?? {};
      const over = state?.name === 'failed' || state?.name === 'ended';
      return over || (state?.name === 'streaming' && firstFrameMs !== undefined);
    },
    { timeout: 60_000, polling: 20 },
  );
  const state = await page.evaluate(() => window.rockpool?.snapshot.state);
  if (state?.name !== 'streaming') throw new Error(`No session: ${JSON.stringify(state)}`);
}

/** Back to the library, which ends whatever session there is. */
export async function backToLibrary(page: Page, gameId: string): Promise<void> {
  await page.goBack();
  await page.waitForSelector(linkOf(gameId));
}

/** Back to the library, which ends the session. Resolves when its worker is gone. */
export async function leave(page: Page, rockpool: Rockpool, gameId: string): Promise<void> {
  // Not by the places there are: a small session leaves as many as there were.
  const during = await rockpool.workers();
  await backToLibrary(page, gameId);
  await until('the end of the session', async () => {
    const after = new Set(await rockpool.workers());
    return during.some((pid) => !after.has(pid));
  });
}

/** Plays a game in a page of its own. Afterwards both are gone, and the next worker is ready. */
export async function duringPlay<T>(
  browser: Browser,
  rockpool: Rockpool,
  { game, probe }: { readonly game: string; readonly probe: URL },
  measure: (page: Page) => Promise<T>,
): Promise<T> {
  const page = await openPage(browser, probe, MEASURED_STREAM);
  await openLibrary(page, rockpool.url, game);
  await play(page, game);
  const measured = await measure(page);
  await leave(page, rockpool, game);
  await page.close();
  await rockpool.spareReady();
  return measured;
}

/** @throws Skip where the program was not compiled. */
export function requireBuild(): void {
  const program = new URL('../../dist/cli/rockpool.js', import.meta.url);
  if (!existsSync(program)) throw new Skip('nothing is compiled: npm run build.');
}

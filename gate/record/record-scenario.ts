import { RockpoolError } from '../../protocol/errors.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../protocol/stream-settings.ts';
import { GamePage } from '../browser/game-page.ts';
import { launchBrowser } from '../browser/gate-browser.ts';
import { GateProblem } from '../gate-problem.ts';
import type {} from '../page/input-recorder.ts';
import { pause } from '../pause.ts';
import type { BrowserName } from '../result.ts';
import { type Scenario, scenarioSchema } from '../scenario.ts';
import { checkRockpool, offeredGames, parseAddress } from '../target/rockpool-address.ts';
import { RecordedInput } from './recorded-input.ts';

export interface RecordOptions {
  readonly url: string;
  readonly game: string;
  readonly browser: BrowserName;
  /** Whether a person sees the browser. */
  readonly visible: boolean;
  /** Ends by itself after so long. */
  readonly seconds: number | undefined;
}

/** How often what was done is fetched: a window that is closed takes what it held along. */
const FETCH_MS = 500;
/** A cold start, with packages that have to be installed. */
const START_LIMIT_MS = 300_000;
const VIEWPORT = { width: 1280, height: 800 };
/** A scenario that nobody named a network for. */
const PROFILES = ['lan', 'wifi'];
const MOST_SECONDS = 3600;

/**
 * Has a person play, and notes it. Ends when they close the window, or when the signal is aborted.
 * @returns a scenario, and the devices whose use no script can hold.
 * @throws RockpoolError where nothing can be played, or nothing was done.
 */
export async function recordScenario(
  options: RecordOptions,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<{ scenario: Scenario; untold: readonly string[] }> {
  const url = parseAddress(options.url);
  await checkRockpool(url);
  const games = await offeredGames(url);
  if (!games.has(options.game)) {
    const all = [...games].join(', ') || 'no game at all';
    throw new RockpoolError('unknown-game', `${url.origin} offers ${all}, not ${options.game}.`);
  }
  const recording = await record(url, options, tell, signal);
  return { scenario: scenarioOf(options, recording), untold: recording.untold };
}

async function record(
  url: URL,
  { game, browser: name, visible, seconds }: RecordOptions,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<RecordedInput> {
  const browser = await launchBrowser(name, { visible });
  try {
    const page = await GamePage.open(browser, {
      url: url.origin,
      game,
      stream: DEFAULT_STREAM_SETTINGS,
      viewport: VIEWPORT,
      startLimitMs: START_LIMIT_MS,
      scripts: ['input-recorder'],
    });
    await page.play(signal);
    await page.page.evaluate(() => window.inputRecorder?.start());
    tell(`Recording ${game}. Play; close the window or press Ctrl+C when it is enough.`);
    const recorded = await follow(page, seconds, signal);
    if (recorded.isFull) tell('This is as much as a scenario holds: the recording has ended.');
    return recorded;
  } catch (error) {
    if (error instanceof GateProblem) {
      throw new RockpoolError('game-failed', error.message, { cause: error });
    }
    throw error;
  } finally {
    await browser.close();
  }
}

async function follow(
  page: GamePage,
  seconds: number | undefined,
  signal: AbortSignal,
): Promise<RecordedInput> {
  const deadline = performance.now() + (seconds ?? MOST_SECONDS) * 1000;
  const recorded = new RecordedInput();
  /** @returns whether there is a page yet that notes what is done. */
  const fetch = async () => {
    const taken = await page.page
      .evaluate(() => window.inputRecorder?.take())
      .catch(() => undefined);
    if (taken !== undefined) recorded.add(taken);
    return taken !== undefined;
  };
  while (performance.now() < deadline && !signal.aborted && !recorded.isFull) {
    if (!(await fetch())) return recorded;
    // An end that somebody asked for is no problem here.
    await pause(FETCH_MS, signal).catch(() => undefined);
  }
  // A window that is closed at this very moment is gone, and what was done in it is here.
  if (await fetch()) await page.close().catch(() => undefined);
  return recorded;
}

function scenarioOf(
  { game, browser }: RecordOptions,
  { events, lengthMs }: RecordedInput,
): Scenario {
  if (events.length === 0) {
    throw new RockpoolError('not-found', 'Nothing was done in the game, so nothing was written.');
  }
  return scenarioSchema.parse({
    name: game.slice(0, 40),
    title: `${game}, as it was played on ${new Date().toISOString().slice(0, 10)}`,
    game,
    seconds: Math.min(Math.max(1, Math.ceil(lengthMs / 1000)), MOST_SECONDS),
    profiles: PROFILES,
    browsers: [browser],
    viewport: VIEWPORT,
    settleSeconds: 0,
    input: { kind: 'recorded', events },
  });
}

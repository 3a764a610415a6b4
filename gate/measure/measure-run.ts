import { networkInterfaces } from 'node:os';
import type { Browser } from 'puppeteer-core';
import { GamePage } from '../browser/game-page.ts';
import type { PageScript } from '../browser/page-scripts.ts';
import { Replay } from '../browser/replay.ts';
import { type Cell, nameOf } from '../cells.ts';
import { Distribution } from '../distribution.ts';
import { GateProblem } from '../gate-problem.ts';
import { inputEvents, usesPads } from '../input-script.ts';
import { PROFILES } from '../network/profiles.ts';
import { RelayClient } from '../network/relay-client.ts';
import { SeededRandom } from '../network/seeded-random.ts';
import { DIRECT } from '../network-names.ts';
import type { PageReport } from '../page-report.ts';
import { pause } from '../pause.ts';
import type { LumaPicture } from '../quality/likeness.ts';
import { type DrawSource, qualityOf } from '../quality/picture-quality.ts';
import { emptyMeasurement, type Measurement, type Side } from '../result.ts';
import { type Scenario, streamOf } from '../scenario.ts';
import {
  durationsOf,
  freezesOf,
  type Seen,
  timelineOf,
  valuesOf,
  worstFramesOf,
} from './figures.ts';
import { saturation } from './keeps-up.ts';
import { type Load, LoadWatch } from './load-watch.ts';

/** Pictures that are compared with their source: a mean of more changes nothing. */
const QUALITY_PICTURES = 8;
/** Not a multiple of anybody's frame interval. */
const QUALITY_INTERVAL_MS = 130;
/** The last inputs are on their way. */
const LINGER_MS = 1000;
/** What a run takes on a slow machine beside its start and its play; beyond that it hangs. */
const AROUND_MS = 120_000;

/** One scenario over one network in one browser, once. */
export interface Run extends Cell {
  readonly side: Side;
  /** From 1. */
  readonly run: number;
}

/** A Rockpool that is played. */
export interface Target {
  readonly url: URL;
  /** Ids of its session workers, where they are on this machine and known. */
  workers(): Promise<readonly number[]>;
  /** Resolves when nothing of an earlier run is left to be done. */
  rest(signal: AbortSignal): Promise<void>;
}

/** What a run is made with. */
export interface Surroundings {
  readonly browser: Browser;
  readonly target: Target;
  /** Of the run; the scenario's own where left out. */
  readonly seconds: number | undefined;
  /** Draws the pictures of a calibrated scene again. */
  readonly drawSource: DrawSource | undefined;
  readonly signal: AbortSignal;
}

/**
 * Plays and measures. What goes wrong is the measurement's problem, so that those before and after
 * it count.
 */
export async function measureRun(run: Run, surroundings: Surroundings): Promise<Measurement> {
  const startedAt = new Date().toISOString();
  const empty = emptyMeasurement({ ...nameOf(run), side: run.side, run: run.run, startedAt });
  try {
    return { ...empty, ...(await measureInTime(run, surroundings)) };
  } catch (error) {
    return { ...empty, problem: problemOf(error, surroundings.signal) };
  }
}

/** Nobody sits beside a CI: a run that hangs is given up, and its browser with it. */
async function measureInTime(run: Run, surroundings: Surroundings): Promise<Measured> {
  const { browser, seconds = run.scenario.seconds, signal } = surroundings;
  const { startSeconds, settleSeconds } = run.scenario;
  const limitMs = (startSeconds + settleSeconds + seconds) * 1000 + AROUND_MS;
  const late = new AbortController();
  const measuring = measure(run, {
    ...surroundings,
    signal: AbortSignal.any([signal, late.signal]),
  });
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const what = `This run hung: it was given up after ${Math.round(limitMs / 1000)} s.`;
      reject(new GateProblem('broken', what));
      late.abort();
      browser.process()?.kill('SIGKILL');
    }, limitMs);
  });
  // Of one that was given up, nobody waits for what comes of it.
  measuring.catch(() => undefined);
  try {
    return await Promise.race([measuring, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function problemOf(error: unknown, signal: AbortSignal): NonNullable<Measurement['problem']> {
  if (error instanceof GateProblem) return { code: error.code, what: error.message };
  // A browser or a relay that is closed breaks whatever was asked of it.
  if (signal.aborted) return { code: 'stopped', what: 'This run was stopped before its end.' };
  const what = error instanceof Error ? error.message : String(error);
  return { code: 'broken', what: `This run broke: ${what.split('\n', 1)[0]}` };
}

type Measured = Pick<
  Measurement,
  'durationMs' | 'histograms' | 'values' | 'timeline' | 'freezes' | 'worstFrames' | 'problem'
>;

async function measure(run: Run, surroundings: Surroundings): Promise<Measured> {
  const relay = await startRelay(run);
  try {
    const { scenario } = run;
    const page = await GamePage.open(surroundings.browser, {
      url: surroundings.target.url.origin,
      game: scenario.game,
      stream: streamOf(scenario),
      viewport: scenario.viewport,
      startLimitMs: scenario.startSeconds * 1000,
      scripts: scriptsFor(scenario),
      ...(relay && { openRelayPath: (address) => relay.open(address) }),
    });
    try {
      await page.play(surroundings.signal);
      const { seen, load } = await playThrough(run, page, relay, surroundings);
      const quality = await watchQuality(scenario, page, surroundings);
      return measuredOf(scenario, seen, load, quality);
    } finally {
      await page.close();
      // Whoever stops this wants what was measured, and no rest after it.
      await surroundings.target.rest(surroundings.signal).catch(ignoreStop);
    }
  } finally {
    await relay?.close();
  }
}

/** What is put into a page only where it is used: it may cost something. */
function scriptsFor({ marks, input }: Scenario): PageScript[] {
  const probes: PageScript[] = marks ? ['pixel-probe', 'picture-capture'] : [];
  return usesPads(input) ? [...probes, 'pad-stand-in'] : probes;
}

function ignoreStop(error: unknown): void {
  if (!(error instanceof GateProblem) || error.code !== 'stopped') throw error;
}

/** A network of its own for each run; those of a pair meet the same fate. */
async function startRelay({ profile, browser, run }: Run): Promise<RelayClient | undefined> {
  if (profile === DIRECT) return undefined;
  const model = PROFILES.get(profile);
  if (!model) throw new GateProblem('broken', `There is no network ${profile}.`);
  return RelayClient.start(model, run, browser === 'firefox' ? ownAddress() : undefined);
}

/**
 * Of a network that this machine is on. Firefox sends from its default address alone, and from there
 * nothing to the loopback; what goes to one's own address stays on the machine all the same.
 */
function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

async function playThrough(
  { scenario, run }: Run,
  page: GamePage,
  relay: RelayClient | undefined,
  { browser, target, seconds = scenario.seconds, signal }: Surroundings,
): Promise<{ seen: Seen; load: Load }> {
  const settleMs = scenario.settleSeconds * 1000;
  const durationMs = seconds * 1000;
  const random = new SeededRandom(run);
  // Beyond the end, in case it comes late: a run without input at its end would be a shorter one.
  const events = inputEvents(scenario.input, settleMs + 2 * durationMs, () => random.next());
  if (scenario.marks) await page.followMarks(scenario.marks);
  const replay = await Replay.open(page.page);
  const over = new AbortController();
  const playing = replay.run(events, AbortSignal.any([signal, over.signal])).catch(ignoreStop);
  // Told of below, where it is waited for.
  playing.catch(() => undefined);
  try {
    await pause(settleMs, signal);
    const relayPid = relay?.pid;
    const load = await LoadWatch.start({
      browser: browser.process()?.pid,
      workers: await target.workers(),
      harness: relayPid === undefined ? [] : [relayPid],
    });
    const [startMs] = await Promise.all([page.start(), relay?.markStart()]);
    await pause(durationMs, signal);
    const report = await page.stop();
    const used = await load.stop();
    const link = relay ? (await relay.statistics()).down.series : [];
    over.abort();
    await playing;
    await pause(LINGER_MS, signal);
    const within = (atMs: number) => atMs >= 0 && atMs <= report.durationMs;
    const inputs = (await page.inputs()).filter(({ inputAtMs }) => within(inputAtMs));
    const marks = scenario.marks ? await page.pixels() : undefined;
    const pixels = marks && {
      ...marks,
      samples: marks.samples.filter(({ inputAtMs }) => within(inputAtMs - startMs)),
    };
    const { frameRate } = streamOf(scenario);
    return { seen: { page: report, inputs, pixels, link, frameRate }, load: used };
  } finally {
    over.abort();
  }
}

/**
 * Looks at pictures when all else is measured: taking one costs more than it may meanwhile.
 */
async function watchQuality(
  scenario: Scenario,
  page: GamePage,
  { drawSource, signal }: Surroundings,
): Promise<Measured['values']> {
  const { resolution } = streamOf(scenario);
  // Whatever else is pressed may change the scene, and a size that nobody set is not known here.
  const isKnown = scenario.marks === 'sequence' && scenario.input.kind === 'presses';
  if (!drawSource || !isKnown || resolution === 'auto') return {};
  const pictures: LumaPicture[] = [];
  for (let i = 0; i < QUALITY_PICTURES; i++) {
    await pause(QUALITY_INTERVAL_MS, signal);
    const picture = await page.picture(resolution);
    // One that stands still is measured already.
    if (!picture) break;
    pictures.push(picture);
  }
  return qualityOf(pictures, drawSource);
}

function measuredOf(
  scenario: Scenario,
  seen: Seen,
  load: Load,
  quality: Measured['values'],
): Measured {
  const { page } = seen;
  const histograms: Measured['histograms'] = {};
  for (const [name, durationsMs] of Object.entries(durationsOf(seen))) {
    if (durationsMs.length === 0) continue;
    histograms[name as keyof typeof histograms] = Distribution.of(durationsMs).encoded();
  }
  const problem = played(scenario, page) ?? saturation({ ...load, page }, scenario.keepsUp);
  return {
    durationMs: page.durationMs,
    histograms,
    values: {
      ...valuesOf(seen),
      ...load.values,
      ...quality,
      ...harnessValue(scenario, seen, load),
    },
    timeline: timelineOf(seen),
    freezes: freezesOf(seen),
    worstFrames: worstFramesOf(seen),
    ...(problem && { problem: { code: problem.code, what: problem.message } }),
  };
}

/** Why what was measured is not the game; undefined where it is. */
function played({ game }: Scenario, page: PageReport): GateProblem | undefined {
  if (page.state !== 'streaming') {
    const detail = page.stateDetail && `: ${page.stateDetail}`;
    return new GateProblem('session-ended', `${game} was ${page.state} in the end${detail}.`);
  }
  if (!page.sameSession) {
    return new GateProblem('session-ended', `${game} started anew on the way, on another machine.`);
  }
  if (page.framesMs.length > 0) return undefined;
  return new GateProblem('no-picture', `${game} showed no new picture while it was measured.`);
}

/** With what the probes took of the page's main thread: that of pixels ran while it settled, too. */
function harnessValue(
  { settleSeconds }: Scenario,
  { page, pixels }: Seen,
  { values }: Load,
): Measured['values'] {
  const readMs = (pixels?.readCostsMs ?? []).reduce((sum, ms) => sum + ms, 0);
  const inPage =
    page.durationMs > 0
      ? page.ownMs / page.durationMs + readMs / (page.durationMs + settleSeconds * 1000)
      : 0;
  return { harnessCpuCores: (values.harnessCpuCores ?? 0) + inPage };
}

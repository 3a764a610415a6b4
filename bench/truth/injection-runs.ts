import type { Browser, Page } from 'puppeteer-core';
import type { LatencySample } from '../../client/player/player-snapshot.ts';
import type {} from '../../client/player/rockpool-global.ts';
import { latencyOf, measurePresses } from '../support/press-block.ts';
import { Rockpool } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import { playDelayed } from './delayed-play.ts';
import { type Injection, NOTHING } from './injections.ts';

/** One session, with an injection or without. */
export interface Round {
  readonly samples: readonly LatencySample[];
  /** Press to picture by the pixels alone, milliseconds. */
  readonly stopwatchMs: readonly number[];
  /** As the page told it at the end. */
  readonly clockErrorMs: number;
  /** Presses that no picture had shown by the end. */
  readonly outstanding: number;
  readonly contradictions: number;
  /** Times that the page's watchdog stepped in, which nothing here should make it do. */
  readonly recoveries: number;
}

/**
 * A session with an injection, and those without right before and right after it: a machine that gets
 * slower meanwhile is as slow, on the mean of the two, as in between.
 */
export interface PairedRound {
  readonly before: Round;
  readonly injected: Round;
  readonly after: Round;
}

export interface Comparison {
  readonly injection: Injection;
  readonly rounds: readonly PairedRound[];
}

export interface TruthPlan {
  readonly injections: readonly Injection[];
  /** Of each session. */
  readonly presses: number;
  /** Of everything at least, and of what is not decided by then at most. */
  readonly rounds: number;
  readonly mostRounds: number;
}

/** Containers that measured themselves at different moments may not choose alike. */
const ONE_ENCODER = { ROCKPOOL_ENCODERS: 'libx264' };

async function measureRound(page: Page, presses: number): Promise<Round> {
  const { pixels, accounting } = await measurePresses(page, presses);
  const { clockErrorMs, recoveries } = await page.evaluate(() => ({
    clockErrorMs: window.rockpool?.snapshot.latency?.clockErrorMs,
    recoveries: window.rockpool?.snapshot.stream?.recoveries,
  }));
  return {
    samples: accounting,
    stopwatchMs: latencyOf(pixels.samples),
    clockErrorMs: clockErrorMs ?? Number.NaN,
    outstanding: pixels.outstanding,
    contradictions: pixels.contradictions,
    recoveries: recoveries ?? 0,
  };
}

/**
 * Measures what is to be injected, by turns, and nothing between each two. Where in the
 * display's frame a session's pictures come is another in each session and the same all through it:
 * many short sessions tell more than a few long ones.
 * @param isDecided whether more rounds would make no difference.
 * @returns first nothing compared with nothing: what a comparison is worth here.
 */
export async function measureInjections(
  browser: Browser,
  { injections, presses, rounds, mostRounds }: TruthPlan,
  belongings: Belongings,
  isDecided: (comparison: Comparison) => boolean,
): Promise<readonly Comparison[]> {
  const started = new Map<string, Rockpool>();
  const measure = async (injection: Injection) => {
    const environment = { ...ONE_ENCODER, ...injection.environment };
    const key = JSON.stringify(environment);
    const rockpool = started.get(key) ?? (await Rockpool.start(belongings, environment));
    started.set(key, rockpool);
    const led = { ...injection, page: { decodeMs: 0, ...injection.page } };
    return playDelayed(browser, rockpool, led, (page) => measureRound(page, presses), belongings);
  };
  const nothing: PairedRound[] = [];
  const rows = injections.map((injection) => ({ injection, rounds: [] as PairedRound[] }));
  for (let round = 1; round <= Math.max(rounds, mostRounds); round++) {
    const open = round <= rounds ? rows : rows.filter((row) => !isDecided(row));
    if (open.length === 0) break;
    console.log(`Round ${round}: ${open.length} of ${rows.length} injections`);
    const without = [await measure(NOTHING)];
    // There and back: what comes early in one round comes late in the next.
    for (const row of round % 2 === 0 ? open.toReversed() : open) {
      console.log(`  ${row.injection.name}`);
      const injected = await measure(row.injection);
      const after = await measure(NOTHING);
      const before = without.at(-1) ?? after;
      row.rounds.push({ before, injected, after });
      without.push(after);
    }
    nothing.push(...compared(without));
  }
  return [{ injection: NOTHING, rounds: nothing }, ...rows];
}

/** Every other of these as if it were injected, with its neighbours. */
function compared(without: readonly Round[]): PairedRound[] {
  return without.flatMap((injected, i) => {
    const [before, after] = [without[i - 1], without[i + 1]];
    return i % 2 === 1 && before && after ? [{ before, injected, after }] : [];
  });
}

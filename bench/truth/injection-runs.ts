import type { Browser, Page } from 'puppeteer-core';
import type { LatencySample } from '../../client/player/player-snapshot.ts';
import type {} from '../../client/player/rockpool-global.ts';
import { latencyOf, measurePresses } from '../support/press-block.ts';
import { Rockpool } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import { playDelayed } from './delayed-play.ts';
import { type Injection, injectionsOf, NOTHING } from './injections.ts';

/** What was measured with one injection, over all rounds. */
export interface InjectionRun {
  readonly injection: Injection;
  readonly samples: readonly LatencySample[];
  /** Press to picture by the pixels alone, milliseconds. */
  readonly stopwatchMs: readonly number[];
  /** The largest that the page told at the end of a round. */
  readonly clockErrorMs: number;
  /** Presses that no picture had shown by the end. */
  readonly outstanding: number;
  readonly contradictions: number;
  /** Times that the page's watchdog stepped in, which nothing here should make it do. */
  readonly recoveries: number;
}

export interface TruthPlan {
  readonly delayMs: number;
  readonly presses: number;
  readonly rounds: number;
}

/** Containers that measured themselves at different moments may not choose alike. */
const ONE_ENCODER = { ROCKPOOL_ENCODERS: 'libx264' };

type Round = Omit<InjectionRun, 'injection'>;

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

function merge(injection: Injection, rounds: readonly Round[]): InjectionRun {
  const sum = (count: (round: Round) => number) =>
    rounds.reduce((total, round) => total + count(round), 0);
  return {
    injection,
    samples: rounds.flatMap(({ samples }) => samples),
    stopwatchMs: rounds.flatMap(({ stopwatchMs }) => stopwatchMs),
    clockErrorMs: Math.max(...rounds.map(({ clockErrorMs }) => clockErrorMs)),
    outstanding: sum(({ outstanding }) => outstanding),
    contradictions: sum(({ contradictions }) => contradictions),
    recoveries: sum(({ recoveries }) => recoveries),
  };
}

/** An injection, and what there was right before and after it without any. */
export interface Comparison {
  readonly nothing: InjectionRun;
  readonly injected: InjectionRun;
}

/**
 * Measures everything that can be injected, by turns, and nothing between each two: a machine that
 * changes its pace changes it for both.
 * @returns first nothing compared with nothing, every other time of it with those between: what a
 * comparison is worth here.
 */
export async function measureInjections(
  browser: Browser,
  { delayMs, presses, rounds }: TruthPlan,
  belongings: Belongings,
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
  const injections = injectionsOf(delayMs);
  const nothing: Round[][] = [];
  const injected: Round[][] = [];
  for (let round = 1; round <= rounds; round++) {
    console.log(`Round ${round} of ${rounds}`);
    const without = [await measure(NOTHING)];
    const rowOf: Round[] = [];
    for (const injection of injections) {
      console.log(`  ${injection.name}`);
      rowOf.push(await measure(injection));
      without.push(await measure(NOTHING));
    }
    nothing.push(without);
    injected.push(rowOf);
  }
  const of = (rows: readonly Round[][], wanted: (index: number) => boolean) =>
    rows.flatMap((row) => row.filter((_, index) => wanted(index)));
  return [
    {
      nothing: merge(
        NOTHING,
        of(nothing, (index) => index % 2 === 0),
      ),
      injected: merge(
        NOTHING,
        of(nothing, (index) => index % 2 === 1),
      ),
    },
    ...injections.map((injection, row) => ({
      nothing: merge(
        NOTHING,
        of(nothing, (index) => index === row || index === row + 1),
      ),
      injected: merge(
        injection,
        of(injected, (index) => index === row),
      ),
    })),
  ];
}

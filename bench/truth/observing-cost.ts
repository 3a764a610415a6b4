import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'puppeteer-core';
import type {} from '../../client/player/rockpool-global.ts';
import { Distribution } from '../../gate/distribution.ts';
import { medianOf } from '../../gate/median.ts';
import { pressKeys } from '../support/key-presses.ts';
import { LINGER_MS, RHYTHM, SETTLE_MS } from '../support/press-block.ts';
import type { Rockpool } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import { playDelayed } from './delayed-play.ts';
import { NOTHING } from './injections.ts';

/** What a page is at while it is observed in one way; by the product's own accounting. */
export interface ObservingCost {
  readonly what: string;
  readonly latencyP50Ms: number;
  readonly latencyP95Ms: number;
  readonly framesPerSecond: number;
  /** Of the main thread's time, 0 to 1. */
  readonly busyShare: number;
  /** The part of {@link busyShare} that scripts took. */
  readonly scriptShare: number;
  /** NaN where no pixels were read. */
  readonly readP50Ms: number;
}

/** Each way of looking, from none to the most; what starts it, and what reading took. */
const WAYS: readonly {
  readonly what: string;
  readonly start: (page: Page) => Promise<void>;
  readonly readCosts: (page: Page) => Promise<readonly number[] | undefined>;
}[] = [
  { what: 'nothing', start: async () => undefined, readCosts: async () => [] },
  {
    what: 'that a frame is shown',
    start: (page) => page.evaluate(() => window.frameProbe?.start('callbacks')),
    readCosts: async () => [],
  },
  {
    what: 'pixels, while a press is on its way',
    start: (page) => page.evaluate(() => window.pixelProbe?.start()),
    readCosts: (page) => page.evaluate(async () => (await window.pixelProbe?.take())?.readCostsMs),
  },
  {
    what: 'pixels of every frame',
    start: (page) => page.evaluate(() => window.frameProbe?.start('pixels')),
    readCosts: (page) => page.evaluate(async () => (await window.frameProbe?.take())?.readCostsMs),
  },
];

async function measureWay(
  page: Page,
  { what, start, readCosts }: (typeof WAYS)[number],
  presses: number,
): Promise<ObservingCost> {
  await sleep(SETTLE_MS);
  await start(page);
  const counted = await page.evaluate(() => window.rockpool?.latency.samples().length ?? 0);
  const before = await page.metrics();
  await pressKeys(page, presses, RHYTHM);
  await sleep(LINGER_MS);
  const after = await page.metrics();
  const { samples, framesPerSecond } = await page.evaluate(
    (from: number) => ({
      samples: window.rockpool?.latency.samples().slice(from) ?? [],
      framesPerSecond: window.rockpool?.snapshot.stream?.framesPerSecond,
    }),
    counted,
  );
  const grown = (name: 'Timestamp' | 'TaskDuration' | 'ScriptDuration') =>
    (after[name] ?? Number.NaN) - (before[name] ?? Number.NaN);
  const { p50, p95 } = Distribution.of(samples.map(({ totalMs }) => totalMs)).summary();
  return {
    what,
    latencyP50Ms: p50,
    latencyP95Ms: p95,
    framesPerSecond: framesPerSecond ?? Number.NaN,
    busyShare: grown('TaskDuration') / grown('Timestamp'),
    scriptShare: grown('ScriptDuration') / grown('Timestamp'),
    readP50Ms: medianOf([...((await readCosts(page)) ?? [])]),
  };
}

/** The same play, observed in each way. */
export async function measureObserving(
  browser: Browser,
  rockpool: Rockpool,
  presses: number,
  belongings: Belongings,
): Promise<ObservingCost[]> {
  const costs: ObservingCost[] = [];
  for (const way of WAYS) {
    console.log(`looking at ${way.what}`);
    const measure = (page: Page) => measureWay(page, way, presses);
    costs.push(await playDelayed(browser, rockpool, NOTHING, measure, belongings));
  }
  return costs;
}

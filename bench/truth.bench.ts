import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'puppeteer-core';
import { PROFILES } from '../gate/network/profiles.ts';
import type { Table } from '../gate/report/table.ts';
import { chosenParts } from './support/chosen-parts.ts';
import { compareFrames } from './support/frame-agreement.ts';
import { pressKeys } from './support/key-presses.ts';
import { RHYTHM, SETTLE_MS } from './support/press-block.ts';
import { publish } from './support/results.ts';
import { Rockpool, requireBuild, startBrowser } from './support/rig.ts';
import { type Belongings, runBench } from './support/run-bench.ts';
import { type Target, targetTable } from './support/target.ts';
import { playDelayed } from './truth/delayed-play.ts';
import { type Comparison, measureInjections } from './truth/injection-runs.ts';
import { injectionsOf, NOTHING } from './truth/injections.ts';
import { measureObserving } from './truth/observing-cost.ts';
import {
  attributionOf,
  costTable,
  frameTable,
  frameTargets,
  isDecided,
  matrixTable,
  type ReadFrames,
  targetsOf,
} from './truth/truth-tables.ts';

/*
 * Whether the measurement is right: each stage is delayed by a known time, and the accounting has to
 * find it there and nowhere else; each displayed frame's pixels are held against its report; and
 * what observing costs.
 */

const PARTS = ['matrix', 'frames', 'cost'] as const;

/** Frames come late, in bursts and not at all: joining them to reports has to stand that. */
const ROUGH = ['wifi', 'lossy'];

/** Six frames at 60 a second, whole ones: what is late meets the display's frames as it did before. */
const DELAY_MS = 100;

function readPlan() {
  const { values } = parseArgs({
    options: {
      parts: { type: 'string', default: PARTS.join(',') },
      delay: { type: 'string', default: String(DELAY_MS) },
      injections: { type: 'string' },
      presses: { type: 'string', default: '30' },
      rounds: { type: 'string', default: '6' },
      'most-rounds': { type: 'string', default: '12' },
    },
  });
  const delayMs = Number(values.delay);
  const all = injectionsOf(delayMs);
  const names = all.map(({ name }) => name);
  const chosen = chosenParts(values.injections ?? names.join(','), names);
  return {
    parts: chosenParts(values.parts, PARTS),
    delayMs,
    injections: all.filter(({ name }) => chosen.has(name)),
    presses: Number(values.presses),
    rounds: Number(values.rounds),
    mostRounds: Number(values['most-rounds']),
  };
}

async function readFrames(page: Page, what: string, presses: number): Promise<ReadFrames> {
  await sleep(SETTLE_MS);
  await page.evaluate(() => window.frameProbe?.start('pixels'));
  await pressKeys(page, presses, RHYTHM);
  const record = await page.evaluate(() => window.frameProbe?.take());
  if (!record) throw new Error('The page has lost its probe.');
  return { what, agreement: compareFrames(record.seen, record.reported) };
}

async function measureFrames(
  browser: Browser,
  rockpool: Rockpool,
  presses: number,
  belongings: Belongings,
): Promise<ReadFrames[]> {
  const games = await rockpool.freeSlots();
  const rough = ROUGH.flatMap((name) => PROFILES.get(name) ?? []);
  const plays = [
    ...['calibration', 'calibration-gpu']
      .filter((game) => games.has(game))
      .map((game) => ({ what: game, game, profile: NOTHING.profile })),
    ...rough.map((profile) => ({
      what: `calibration over ${profile.name}`,
      game: 'calibration',
      profile,
    })),
  ];
  const all: ReadFrames[] = [];
  for (const { what, game, profile } of plays) {
    console.log(`${what}: every frame`);
    const measure = (page: Page) => readFrames(page, what, presses);
    all.push(await playDelayed(browser, rockpool, { profile }, measure, belongings, game));
  }
  return all;
}

function runNotes(comparisons: readonly Comparison[]): string[] {
  return comparisons.flatMap(({ injection, rounds }) => {
    const sum = (count: 'outstanding' | 'contradictions' | 'recoveries') =>
      rounds.reduce((total, { injected }) => total + injected[count], 0);
    const odd = [sum('outstanding'), sum('contradictions'), sum('recoveries')];
    if (odd.every((count) => count === 0)) return [];
    return [
      `${injection.name}: ${odd[0]} presses not shown by the end, ${odd[1]} pictures that contradict themselves, ${odd[2]} steps of the page's watchdog.`,
    ];
  });
}

await runBench(async (belongings) => {
  const { parts, ...plan } = readPlan();
  requireBuild();
  const browser = await startBrowser(belongings);
  const targets: Target[] = [];
  const tables: Table[] = [];
  const notes: string[] = [];
  const data: Record<string, unknown> = { plan };
  if (parts.has('matrix')) {
    const decided = (one: Comparison) => isDecided(one, plan.delayMs);
    const comparisons = await measureInjections(browser, plan, belongings, decided);
    const attributions = comparisons.map(attributionOf);
    targets.push(...attributions.flatMap((one) => targetsOf(one, plan.delayMs)));
    tables.push(matrixTable(attributions, plan.delayMs));
    notes.push(
      'One way: everything towards the player is delayed, pings too, so no clock of the page can tell it from half as much each way; how far that is from the truth must stay within the clock error that the page tells.',
      'Present: the page is told late of pictures that are there; their pixels would say nothing.',
      'Undecided: the truth may lie on either side of the target; a quieter machine, or more --most-rounds, would tell.',
      ...runNotes(comparisons),
    );
    data.comparisons = comparisons;
  }
  if (parts.has('frames') || parts.has('cost')) {
    const rockpool = await Rockpool.start(belongings);
    if (parts.has('frames')) {
      const frames = await measureFrames(browser, rockpool, plan.presses, belongings);
      targets.push(...frameTargets(frames));
      tables.push(frameTable(frames));
      data.frames = frames;
    }
    if (parts.has('cost')) {
      const costs = await measureObserving(browser, rockpool, plan.presses, belongings);
      tables.push(costTable(costs));
      data.costs = costs;
    }
  }
  await publish('truth', {
    tables: [targetTable('Truth of the measurement: targets', targets), ...tables],
    notes,
    data,
  });
});

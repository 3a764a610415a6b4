import { parseArgs } from 'node:util';
import type { Browser, Page } from 'puppeteer-core';
import { Distribution } from '../gate/distribution.ts';
import { Baseline } from './baseline/baseline.ts';
import {
  agreementOf,
  agreementTable,
  distributionTable,
  pictureNotes,
  stageTable,
} from './support/latency-tables.ts';
import {
  BLOCKS,
  latencyOf,
  type MeasuredSender,
  measurePresses,
  pixelSamples,
} from './support/press-block.ts';
import { publish } from './support/results.ts';
import { duringPlay, Rockpool, requireBuild, startBrowser } from './support/rig.ts';
import { runBench } from './support/run-bench.ts';
import { type Target, targetTable } from './support/target.ts';

/*
 * Click-to-photon: from a key event in the browser to the first displayed frame that shows it,
 * measured in the pixels and by the product's own accounting, beside a libwebrtc sender.
 */

const PIXEL_PROBE = new URL('../gate/page/pixel-probe.ts', import.meta.url);

/** Milliseconds; the software GPU competes with browser and encoder for the same cores. */
const TARGETS: Record<string, { p50: number; p95: number }> = {
  calibration: { p50: 25, p95: 40 },
  'calibration-gpu': { p50: 40, p95: 80 },
};
const BASELINE_RATIO = 0.35;
const AGREEMENT_MEDIAN_MS = 2;

function targetsOf(
  games: readonly MeasuredSender[],
  baseline: MeasuredSender | undefined,
): Target[] {
  const targets: Target[] = [];
  for (const game of games) {
    const { p50, p95 } = Distribution.of(latencyOf(pixelSamples(game))).summary();
    const limits = TARGETS[game.name];
    if (limits) {
      targets.push({ what: `${game.name} p50`, measured: p50, limit: limits.p50, unit: 'ms' });
      targets.push({ what: `${game.name} p95`, measured: p95, limit: limits.p95, unit: 'ms' });
    }
    if (game.name === 'calibration' && baseline) {
      const other = Distribution.of(latencyOf(pixelSamples(baseline))).summary().p50;
      const what = 'calibration p50 / libwebrtc p50';
      targets.push({ what, measured: p50 / other, limit: BASELINE_RATIO, unit: '' });
    }
    const { medianMs, beyondOneFrame } = agreementOf(game);
    const median = { measured: Math.abs(medianMs), limit: AGREEMENT_MEDIAN_MS, unit: 'ms' };
    targets.push({ what: `${game.name} |pixels − accounting|, median`, ...median });
    const beyond = { measured: beyondOneFrame, limit: 0, unit: '' };
    targets.push({ what: `${game.name} presses off by more than a frame`, ...beyond });
  }
  return targets;
}

async function measureGame(
  browser: Browser,
  rockpool: Rockpool,
  game: string,
  samples: number,
  baseline: Baseline | undefined,
): Promise<{ ours: MeasuredSender; theirs: MeasuredSender }> {
  const ours: MeasuredSender = { name: game, blocks: [] };
  const theirs: MeasuredSender = { name: 'libwebrtc', blocks: [] };
  const presses = Math.ceil(samples / BLOCKS);
  for (let block = 0; block < BLOCKS; block++) {
    console.log(`${game}: block ${block + 1} of ${BLOCKS}`);
    const measure = (page: Page) => measurePresses(page, presses);
    ours.blocks.push(await duringPlay(browser, rockpool, { game, probe: PIXEL_PROBE }, measure));
    if (!baseline) continue;
    console.log(`libwebrtc: block ${block + 1} of ${BLOCKS}`);
    theirs.blocks.push(await baseline.run((other) => measurePresses(other, presses)));
  }
  return { ours, theirs };
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      games: { type: 'string', default: 'calibration,calibration-gpu' },
      samples: { type: 'string', default: '150' },
      'no-baseline': { type: 'boolean', default: false },
    },
  });
  requireBuild();
  const browser = await startBrowser(belongings);
  const rockpool = await Rockpool.start(belongings);
  const offered = await rockpool.freeSlots();
  const notes: string[] = [];
  const games: MeasuredSender[] = [];
  let baseline: MeasuredSender | undefined;
  for (const game of values.games.split(',')) {
    if (!offered.has(game)) {
      notes.push(
        `SKIPPED ${game}: this machine does not offer it (no Vulkan driver, or no such game).`,
      );
      continue;
    }
    // The baseline streams the pattern scene: it is measured against that one alone.
    const against = game === 'calibration' && !values['no-baseline'];
    const sender = against ? await Baseline.open(browser, PIXEL_PROBE, belongings) : undefined;
    const { ours, theirs } = await measureGame(
      browser,
      rockpool,
      game,
      Number(values.samples),
      sender,
    );
    games.push(ours);
    if (against) baseline = theirs;
  }
  const all = baseline ? [...games, baseline] : games;
  notes.push(...pictureNotes(all));
  await publish('click-to-photon', {
    tables: [
      targetTable('Click to photon: targets', targetsOf(games, baseline)),
      distributionTable(all),
      ...games.map(stageTable),
      agreementTable(games),
    ],
    notes,
    data: { games, baseline },
  });
});

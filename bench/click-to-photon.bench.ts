import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'puppeteer-core';
import { LATENCY_STAGES, type LatencySample } from '../client/player/player-snapshot.ts';
import { Baseline } from './baseline/baseline.ts';
import type { PixelReport } from './page/pixel-probe.ts';
import type { PixelSample } from './page/press-tracker.ts';
import { type Agreement, mergeRuns } from './support/agreement.ts';
import { Distribution } from './support/distribution.ts';
import { pressKeys } from './support/key-presses.ts';
import { publish } from './support/results.ts';
import {
  leave,
  MEASURED_STREAM,
  openLibrary,
  openPage,
  play,
  Rockpool,
  requireBuild,
  startBrowser,
} from './support/rig.ts';
import { runBench } from './support/run-bench.ts';
import { figure, type Table } from './support/table.ts';
import { type Target, targetTable } from './support/target.ts';

/*
 * Click-to-photon: from a key event in the browser to the first displayed frame that shows it,
 * measured in the pixels and by the product's own accounting, beside a libwebrtc sender.
 */

const PIXEL_PROBE = new URL('./page/pixel-probe.ts', import.meta.url);
const RHYTHM = { leastMs: 80, mostMs: 200 };
/** Sender and baseline take turns, so that a machine that changes its pace changes it for both. */
const BLOCKS = 3;
/** Encoder, rate control and jitter buffer settle; libwebrtc's bandwidth estimate takes longest. */
const SETTLE_MS = 4000;
/** The last presses are on their way. */
const LINGER_MS = 1000;

/** Milliseconds; the software GPU competes with browser and encoder for the same cores. */
const TARGETS: Record<string, { p50: number; p95: number }> = {
  calibration: { p50: 25, p95: 40 },
  'calibration-gpu': { p50: 40, p95: 80 },
};
const BASELINE_RATIO = 0.35;
const AGREEMENT_MEDIAN_MS = 2;

interface Block {
  readonly pixels: PixelReport;
  /** What the product says of the same presses; empty for the baseline. */
  readonly accounting: readonly LatencySample[];
}

interface Measured {
  readonly name: string;
  readonly blocks: Block[];
}

async function measureBlock(page: Page, presses: number): Promise<Block> {
  await sleep(SETTLE_MS);
  await page.evaluate(() => window.pixelProbe?.start());
  const before = await page.evaluate(() => window.rockpool?.latency.samples().length ?? 0);
  await pressKeys(page, presses, RHYTHM);
  await sleep(LINGER_MS);
  const pixels = await page.evaluate(() => window.pixelProbe?.take());
  if (!pixels) throw new Error('The page has lost its probe.');
  const accounting = await page.evaluate(
    (from: number) => window.rockpool?.latency.samples().slice(from) ?? [],
    before,
  );
  // The accounting follows releases of keys too; only presses flip the patch.
  const pressed = new Set(pixels.samples.map(({ inputSeq }) => inputSeq));
  return { pixels, accounting: accounting.filter(({ inputSeq }) => pressed.has(inputSeq)) };
}

function latencyOf(samples: readonly { inputAtMs: number; shownAtMs: number }[]): number[] {
  return samples.map(({ inputAtMs, shownAtMs }) => shownAtMs - inputAtMs);
}

function pixelSamples({ blocks }: Measured): PixelSample[] {
  return blocks.flatMap(({ pixels }) => pixels.samples);
}

function accountingSamples({ blocks }: Measured): LatencySample[] {
  return blocks.flatMap(({ accounting }) => accounting);
}

function agreementOf({ blocks }: Measured): Agreement {
  return mergeRuns(
    blocks.map(({ pixels, accounting }) => ({ first: pixels.samples, second: accounting })),
  );
}

function distributionTable(all: readonly Measured[]): Table {
  const row = (name: string, values: readonly number[]) => {
    const { count, min, p50, p95, p99, max } = Distribution.of(values).summary();
    return [name, String(count), ...[p50, p95, p99, min, max].map((value) => figure(value))];
  };
  return {
    title: 'Click to photon, milliseconds',
    head: ['sender, way of measuring', 'samples', 'p50', 'p95', 'p99', 'min', 'max'],
    rows: all.flatMap((measured) => {
      const accounting = accountingSamples(measured);
      const rows = [row(`${measured.name}, pixels`, latencyOf(pixelSamples(measured)))];
      if (accounting.length > 0) {
        rows.push(row(`${measured.name}, accounting`, latencyOf(accounting)));
      }
      return rows;
    }),
  };
}

function stageTable(measured: Measured): Table {
  const samples = accountingSamples(measured);
  return {
    title: `Where it goes: ${measured.name}, milliseconds`,
    head: ['stage', 'p50', 'p95'],
    rows: LATENCY_STAGES.map((stage) => {
      const { p50, p95 } = Distribution.of(samples.map(({ stages }) => stages[stage])).summary();
      return [stage, figure(p50), figure(p95)];
    }),
  };
}

function agreementTable(all: readonly Measured[]): Table {
  return {
    title: 'Pixels minus accounting, per press',
    head: [
      'game',
      'presses',
      'median',
      'largest',
      'beyond a frame',
      'contradictions',
      'one way only',
    ],
    rows: all.map((measured) => {
      const agreement = agreementOf(measured);
      const contradictions = measured.blocks.reduce((n, b) => n + b.pixels.contradictions, 0);
      return [
        measured.name,
        String(agreement.pairs),
        figure(agreement.medianMs, 'ms'),
        figure(agreement.maxAbsMs, 'ms'),
        `${agreement.beyondOneFrame} (${figure((100 * agreement.beyondOneFrame) / agreement.pairs)} %)`,
        String(contradictions),
        `${agreement.onlyFirst} + ${agreement.onlySecond}`,
      ];
    }),
  };
}

function targetsOf(games: readonly Measured[], baseline: Measured | undefined): Target[] {
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
): Promise<{ ours: Measured; theirs: Measured }> {
  const ours: Measured = { name: game, blocks: [] };
  const theirs: Measured = { name: 'libwebrtc', blocks: [] };
  const presses = Math.ceil(samples / BLOCKS);
  for (let block = 0; block < BLOCKS; block++) {
    console.log(`${game}: block ${block + 1} of ${BLOCKS}`);
    const page = await openPage(browser, PIXEL_PROBE, MEASURED_STREAM);
    await openLibrary(page, rockpool.url, game);
    await play(page, game);
    ours.blocks.push(await measureBlock(page, presses));
    await leave(page, rockpool, game);
    await page.close();
    await rockpool.spareReady();
    if (!baseline) continue;
    console.log(`libwebrtc: block ${block + 1} of ${BLOCKS}`);
    theirs.blocks.push(await baseline.run((other) => measureBlock(other, presses)));
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
  const games: Measured[] = [];
  let baseline: Measured | undefined;
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
  const readCosts = all.flatMap(({ blocks }) => blocks.flatMap((b) => b.pixels.readCostsMs));
  notes.push(
    `Reading a picture took ${figure(Distribution.of(readCosts).percentile(50))} ms (p50) of the page, after the time was taken and only while a press was on its way.`,
  );
  const pictures = new Set(
    all.flatMap(({ name, blocks }) =>
      blocks.map(({ pixels: p }) => `${name} ${p.width}x${p.height}`),
    ),
  );
  notes.push(`Pictures as decoded at the end of the blocks: ${[...pictures].join(', ')}.`);
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

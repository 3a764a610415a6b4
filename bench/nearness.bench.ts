import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Page } from 'puppeteer-core';
import { RockpoolApart } from '../e2e/support/rockpool-apart.ts';
import { Distribution } from '../gate/distribution.ts';
import { figure } from '../gate/report/table.ts';
import type { KnownPath } from '../protocol/path-trial.ts';
import { type Place, PlacedContainer } from './nearness/placed-container.ts';
import type { StartMarks } from './page/session-probe.ts';
import { leadThroughRelay } from './support/relayed-page.ts';
import { publish } from './support/results.ts';
import {
  backToLibrary,
  MEASURED_STREAM,
  openLibrary,
  openPage,
  play,
  requireBuild,
  startBrowser,
} from './support/rig.ts';
import { runBench } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/*
 * Three containers behind networks of 5, 30 and 80 ms, whose operators lie about where they are, and a
 * browser that has never measured any of them: how often is the near one chosen, and how long does it
 * take from the click to the first picture? Signaling, containers, networks and browser share one
 * machine.
 */

const SESSION_PROBE = new URL('./page/session-probe.ts', import.meta.url);
const GAME = 'calibration';

const NEAR = 'near';
const PLACES: readonly Place[] = [
  { name: 'far', region: 'next-door', roundTripMs: 80 },
  { name: 'middle', region: 'this-town', roundTripMs: 30 },
  { name: NEAR, region: 'antipodes', roundTripMs: 5 },
];

interface Play {
  readonly container: string;
  /** From the click to the first frame shown. */
  readonly firstFrameMs: number;
  readonly marks: StartMarks;
  /** What the browser measured until it was sure, shortest first; milliseconds. */
  readonly measuredMs: readonly number[];
  /** Load average of the last minute. */
  readonly load: number;
}

async function playOnce(page: Page): Promise<Play> {
  // Who comes back knows the ways already: this is about who does not.
  await page.evaluate(() => localStorage.removeItem('rockpool.paths'));
  await play(page, GAME);
  const found = await page.evaluate(() => ({
    container: window.rockpool?.snapshot.containerName,
    marks: window.sessionProbe?.marks,
    paths: localStorage.getItem('rockpool.paths'),
  }));
  const { container = '', marks = {} } = found;
  const { clickMs = Number.NaN, shownMs = Number.NaN } = marks;
  const paths: readonly KnownPath[] = JSON.parse(found.paths ?? '[]');
  return {
    container,
    firstFrameMs: shownMs - clickMs,
    marks,
    measuredMs: paths.map(({ roundTripMs }) => roundTripMs).sort((a, b) => a - b),
    load: loadavg()[0] ?? Number.NaN,
  };
}

await runBench(async (belongings) => {
  const { values } = parseArgs({ options: { plays: { type: 'string', default: '100' } } });
  requireBuild();
  const count = Number(values.plays);
  const browser = await startBrowser(belongings);
  const apart = await RockpoolApart.start();
  belongings.add({ close: () => apart.stop(), kill: () => void apart.stop() });
  const containers: PlacedContainer[] = [];
  for (const [number, place] of PLACES.entries()) {
    containers.push(await PlacedContainer.start(place, number, apart, belongings));
  }
  const page = await openPage(browser, SESSION_PROBE, MEASURED_STREAM);
  await leadThroughRelay(page, {
    open: async (target) => {
      const container = containers.find((one) => one.hasPort(target.port));
      if (!container) throw new Error(`No container has port ${target.port}.`);
      return container.open(target);
    },
  });
  await openLibrary(page, apart.url, GAME);
  const plays: Play[] = [];
  for (let number = 1; number <= count; number++) {
    await Promise.all(containers.map((container) => container.untilAtRest()));
    const one = await playOnce(page);
    plays.push(one);
    const { container, firstFrameMs } = one;
    const measured = one.measuredMs.map((ms) => figure(ms, 'ms')).join(', ');
    console.log(
      `${number} of ${count}: ${container}, ${figure(firstFrameMs, 'ms')}; measured ${measured}`,
    );
    await backToLibrary(page, GAME);
  }
  const chosen = (name: string) => plays.filter(({ container }) => container === name);
  const times = Distribution.of(plays.map(({ firstFrameMs }) => firstFrameMs)).summary();
  const load = Math.max(...plays.map((one) => one.load));
  await publish('nearness', {
    tables: [
      targetTable('Nearness: targets', [
        {
          what: 'plays on the near machine',
          measured: (100 * chosen(NEAR).length) / plays.length,
          limit: 99,
          unit: '%',
          sense: 'at-least',
        },
        {
          what: 'from the click to the first picture, p95',
          measured: times.p95,
          limit: 600,
          unit: 'ms',
        },
      ]),
      {
        title: `${count} plays of somebody who knows none of the ways`,
        head: ['machine', 'round trip', 'says it is', 'chosen', 'click to picture: p50', 'p95'],
        rows: PLACES.map(({ name, region, roundTripMs }) => {
          const own = chosen(name);
          const { p50, p95 } = Distribution.of(
            own.map(({ firstFrameMs }) => firstFrameMs),
          ).summary();
          return [
            name,
            figure(roundTripMs, 'ms'),
            region,
            String(own.length),
            figure(own.length > 0 ? p50 : Number.NaN, 'ms'),
            figure(own.length > 0 ? p95 : Number.NaN, 'ms'),
          ];
        }),
      },
      {
        title: 'Click to first picture, all plays',
        head: ['p50', 'p95', 'min', 'max'],
        rows: [[times.p50, times.p95, times.min, times.max].map((ms) => figure(ms, 'ms'))],
      },
    ],
    notes: [
      `The load was ${figure(load)} at most meanwhile: three workers, three networks and the browser shake hands on the same cores.`,
      'What the browser remembers of the ways is forgotten before each play. By what signaling measures itself the three machines are equally near.',
    ],
    data: plays,
  });
});

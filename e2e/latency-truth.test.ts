import { expect, inject } from 'vitest';
import type { PageDelays } from '../bench/page/stage-delays.ts';
import { pathProfile } from '../bench/truth/injections.ts';
import { largestChange, type StageTimes, stageChanges } from '../bench/truth/stage-changes.ts';
import { LATENCY_STAGES } from '../protocol/latency-stages.ts';
import { type Accounted, playDelayed } from './support/delayed-player.ts';
import { test as base } from './support/e2e-test.ts';
import { withOwnRockpool } from './support/own-rockpool.ts';

/** Far more than a busy machine adds to the median of any stage. */
const INJECTED_MS = 300;
/** Half of that is nobody's noise. */
const FOUND_MS = INJECTED_MS / 2;
/** A container measures its machine before it takes players. It only ends what hangs. */
const OWN_ROCKPOOL_TIMEOUT_MS = 180_000;

/** The same play with nothing delayed, once for the file. */
const test = base.extend<{ undelayed: Accounted }>({
  undelayed: [
    async ({ browser, rockpool }, use) => {
      await use(await playDelayed(browser, { url: rockpool.url, probe: inject('pageProbe') }));
    },
    { scope: 'file' },
  ],
});

function expectFoundIn(stage: keyof StageTimes, before: Accounted, after: Accounted): void {
  const changes = stageChanges(before.stages, after.stages);
  expect({ stage: largestChange(changes), changes }).toMatchObject({ stage });
  expect(changes[stage]).toBeGreaterThan(FOUND_MS);
  expect(after.errors).toEqual([]);
}

const IN_THE_PAGE = [
  ['an input that leaves late', 'uplink', { uplinkMs: INJECTED_MS }],
  ['a frame that is held before its decoder', 'decode', { decodeMs: INJECTED_MS }],
  ['a page that hears late of its frames', 'present', { presentMs: INJECTED_MS }],
] as const satisfies readonly (readonly [string, keyof StageTimes, Partial<PageDelays>])[];

test.for(IN_THE_PAGE)('%s is found in %s', async (row, { browser, rockpool, undelayed }) => {
  const [, stage, delays] = row;
  const { url } = rockpool;
  const late = await playDelayed(browser, { url, probe: inject('pageProbe'), delays });
  expectFoundIn(stage, undelayed, late);
});

test('a network that delays the picture is found in network', async ({
  browser,
  rockpool,
  undelayed,
}) => {
  const { url } = rockpool;
  const profile = pathProfile('late-media', { mediaMs: INJECTED_MS });
  const late = await playDelayed(browser, { url, probe: inject('pageProbe'), profile });
  expectFoundIn('network', undelayed, late);
});

test('a path that is slow one way only makes the clock uncertain by half of that', async ({
  browser,
  rockpool,
  undelayed,
}) => {
  const { url } = rockpool;
  const profile = pathProfile('one-way', { downMs: INJECTED_MS });
  const late = await playDelayed(browser, { url, probe: inject('pageProbe'), profile });
  const { uplink, network } = stageChanges(undelayed.stages, late.stages);
  expect(late.clockErrorMs).toBeGreaterThanOrEqual(INJECTED_MS / 2);
  // Nobody at one end can tell which way it is: each gets half.
  expect(Math.min(uplink, network)).toBeGreaterThan(FOUND_MS / 2);
});

test('a container told to render late and to encode later yet is found to do both', {
  timeout: OWN_ROCKPOOL_TIMEOUT_MS,
}, async ({ browser, undelayed }) => {
  const environment = {
    ROCKPOOL_DELAY_RENDER_MS: String(INJECTED_MS),
    ROCKPOOL_DELAY_ENCODE_MS: String(2 * INJECTED_MS),
  };
  await withOwnRockpool(environment, async (url, rockpool) => {
    expect(rockpool.output).toContain('every picture is delayed on purpose');
    const late = await playDelayed(browser, { url, probe: inject('pageProbe') });
    const changes = stageChanges(undelayed.stages, late.stages);
    const largestFirst = LATENCY_STAGES.toSorted((a, b) => changes[b] - changes[a]);
    expect(largestFirst.slice(0, 2)).toEqual(['encode', 'render']);
    expect(changes.encode).toBeGreaterThan(2 * FOUND_MS);
    expect(changes.render).toBeGreaterThan(FOUND_MS);
    expect(late.errors).toEqual([]);
  });
});

import type { Browser } from 'puppeteer-core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { measureRun } from '../../gate/measure/measure-run.ts';
import { DIRECT } from '../../gate/network-names.ts';
import { scenarioSchema } from '../../gate/scenario.ts';

const scenario = scenarioSchema.parse({
  name: 'small',
  title: 'Small',
  game: 'calibration',
  seconds: 5,
  settleSeconds: 1,
  startSeconds: 30,
  profiles: [DIRECT],
  browsers: ['chromium'],
  input: { kind: 'presses', code: 'KeyX', heldMs: 40, leastMs: 80, mostMs: 200 },
});
const target = { url: new URL('http://localhost'), workers: async () => [], rest: async () => {} };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('gives up a run that hangs, and ends its browser', async () => {
  const kill = vi.fn();
  const browser = {
    createBrowserContext: () => new Promise(() => {}),
    process: () => ({ kill }),
  } as unknown as Browser;
  const measuring = measureRun(
    { scenario, profile: DIRECT, browser: 'chromium', side: 'b', run: 1 },
    {
      browser,
      target,
      seconds: undefined,
      drawSource: undefined,
      signal: new AbortController().signal,
    },
  );
  await vi.advanceTimersByTimeAsync(155_000);
  expect(kill).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await measuring).toMatchObject({
    problem: { code: 'broken', what: 'This run hung: it was given up after 156 s.' },
  });
  expect(kill).toHaveBeenCalledWith('SIGKILL');
});

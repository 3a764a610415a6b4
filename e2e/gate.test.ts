import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { GamePage } from '../gate/browser/game-page.ts';
import { launchBrowser } from '../gate/browser/gate-browser.ts';
import { Replay } from '../gate/browser/replay.ts';
import { Distribution } from '../gate/distribution.ts';
import { type InputScript, inputEvents, inputScriptSchema } from '../gate/input-script.ts';
import type {} from '../gate/page/input-recorder.ts';
import { RecordedInput } from '../gate/record/recorded-input.ts';
import { parseResult, type Result } from '../gate/result.ts';
import { LATENCY_STAGES } from '../protocol/latency-stages.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { temporaryFolder } from '../test/support/rockpool-process.ts';
import { SMALL_STREAM } from './support/player-page.ts';
import { untilNoSession } from './support/server-facts.ts';

const PROGRAM = fileURLToPath(new URL('../dist/cli/rockpool.js', import.meta.url));

/** A machine under test is busy: what a browser makes of that is no matter of these tests. */
const SCENARIO = {
  name: 'small',
  title: 'The calibration scene, small',
  game: 'calibration',
  seconds: 4,
  settleSeconds: 1,
  profiles: ['lan', 'wifi'],
  browsers: ['chromium'],
  viewport: { width: 800, height: 600 },
  stream: SMALL_STREAM,
  input: { kind: 'presses', code: 'KeyF', heldMs: 60, leastMs: 150, mostMs: 350 },
  marks: 'sequence',
  keepsUp: { busyShare: 1, stolenShare: 1, missedShare: 1, timerLateMs: 60_000 },
};

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

function write(name: string, content: unknown): string {
  writeFileSync(at(name), JSON.stringify(content));
  return at(name);
}

/** Calls the compiled command, in a folder of its own, until it exits. */
function rockpool(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [PROGRAM, ...args],
      { cwd: folder.path },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

function resultIn(name: string): Result {
  return parseResult(readFileSync(at(name), 'utf8'), name);
}

/** @param taken of the page's recorder. */
function scriptOf(taken: unknown): InputScript {
  const recorded = new RecordedInput();
  recorded.add(taken);
  return inputScriptSchema.parse({ kind: 'recorded', events: recorded.events });
}

/** What was pressed, turned and let go, in order. */
function edgesOf(script: InputScript): unknown[] {
  if (script.kind !== 'recorded') throw new Error('not recorded');
  return script.events.flatMap((event): unknown[] => {
    if (event.type === 'key') return [[event.type, event.code, event.down]];
    if (event.type === 'button') return [[event.type, event.button, event.down]];
    return event.type === 'wheel' ? [[event.type, event.dy]] : [];
  });
}

/** Where buttons were pressed, as fractions of the picture. */
function pointsOf(script: InputScript): { readonly x: number; readonly y: number }[] {
  if (script.kind !== 'recorded') throw new Error('not recorded');
  return script.events.filter((event) => event.type === 'button');
}

afterAll(() => folder.remove());

describe('rockpool bench', () => {
  let outcome: Outcome;
  let result: Result;
  beforeAll(async () => {
    const scenario = write('small.json', SCENARIO);
    const budgets = write('budgets.json', {
      schemaVersion: 1,
      budgets: [{ metric: 'clickToPhoton.p95Ms', limit: 60_000 }],
    });
    const files = ['json', 'junit', 'html', 'markdown'].flatMap((kind) => [`--${kind}`, kind]);
    const url = inject('rockpoolUrl');
    const what = ['--url', url, '--scenario', scenario, '--budgets', budgets, '--runs', '1'];
    outcome = await rockpool('bench', ...what, ...files);
    expect(outcome.stderr).toBe('');
    result = resultIn('json');
  });

  test('plays each network once, and measures pictures, inputs and every stage', async () => {
    expect(result.measurements.map(({ profile, problem }) => ({ profile, problem }))).toEqual([
      { profile: 'lan', problem: undefined },
      { profile: 'wifi', problem: undefined },
    ]);
    for (const { histograms, values, timeline, worstFrames, durationMs } of result.measurements) {
      expect(durationMs).toBeGreaterThanOrEqual(4000);
      const count = (text: string | undefined) =>
        text === undefined ? 0 : Distribution.decoded(text).count;
      expect(count(histograms.clickToPhoton)).toBeGreaterThan(3);
      expect(count(histograms.clickToPhotonPixels)).toBeGreaterThan(3);
      for (const stage of LATENCY_STAGES) {
        expect(count(histograms[stage])).toBe(count(histograms.clickToPhoton));
      }
      for (const name of [
        'firstFrameMs',
        'framesPerSecond',
        'lowFramesPerSecond',
        'bitrateBps',
        'browserCpuCores',
        'browserMemoryMiB',
        'harnessCpuCores',
      ] as const) {
        expect(values[name], name).toBeGreaterThan(0);
      }
      // A picture joined to the wrong source has next to nothing in common with it.
      expect(values.ssim).toBeGreaterThan(0.6);
      expect(values.psnrDb).toBeGreaterThan(15);
      expect(timeline.length).toBeGreaterThan(10);
      expect(worstFrames[0]?.totalMs).toBeGreaterThan(0);
      expect(timeline.every(({ capacityBps }) => capacityBps !== undefined)).toBe(true);
    }
    expect(result.versions.browsers.chromium).toMatch(/^Chrom\w+ \d+\./);
    await untilNoSession(inject('rockpoolUrl'));
  });

  test('prints figures, writes every report, and exits with 0', () => {
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain('[1/2] small over lan in chromium');
    expect(outcome.stdout).toMatch(/small over wifi, Chromium/);
    expect(readFileSync(at('junit'), 'utf8')).toContain('<testsuites');
    expect(readFileSync(at('html'), 'utf8')).toMatch(/^<!doctype html>/i);
    expect(readFileSync(at('markdown'), 'utf8')).toContain('Latency gate');
  });

  test('exits with 1 for a budget that does not hold, and with 2 for a game that is not there', async () => {
    const strict = write('strict.json', {
      schemaVersion: 1,
      // One run decides nothing, and this one is not content with that.
      undecided: 'fail',
      budgets: [{ metric: 'framesPerSecond', limit: 100_000 }],
    });
    const short = write('short.json', { ...SCENARIO, seconds: 1, profiles: ['direct'] });
    const other = write('other.json', { ...SCENARIO, name: 'other', game: 'no-such-game' });
    const url = ['--url', inject('rockpoolUrl')];
    const one = ['--runs', '1', '--json', 'failed'];
    const budgets = ['--budgets', strict];
    const failed = await rockpool('bench', ...url, '--scenario', short, ...budgets, ...one);
    expect(failed).toMatchObject({ code: 1, stderr: '' });
    expect(resultIn('failed').verdicts).toHaveLength(1);

    const both = ['--scenario', other, '--scenario', short, '--json', 'half'];
    const half = await rockpool('bench', ...url, ...both);
    expect(half).toMatchObject({ code: 2, stderr: '' });
    expect(half.stdout).toContain('does not offer no-such-game');
    // What could be measured is written all the same.
    const problems = resultIn('half').measurements.map(({ problem }) => problem?.code);
    expect(problems).toEqual(['game-not-offered', 'game-not-offered', undefined]);
  });

  /** Answers as a Rockpool does, with a page that says of itself what it is given. */
  async function playedPage(page: object, measure: (url: string) => Promise<void>): Promise<void> {
    const answers: Record<string, string> = {
      '/healthz': JSON.stringify({ status: 'ok', protocol: PROTOCOL_VERSION }),
      '/api/games': JSON.stringify({ games: [{ id: 'calibration', freeSlots: 1 }] }),
    };
    const html = `<!doctype html><script>window.rockpool = ${JSON.stringify(page)};</script>`;
    const server = createServer((request, response) => {
      response.setHeader('content-type', answers[request.url ?? ''] ? 'text/plain' : 'text/html');
      response.end(answers[request.url ?? ''] ?? html);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    try {
      await measure(`http://127.0.0.1:${address.port}`);
    } finally {
      server.close();
    }
  }

  const connecting = { state: { name: 'connecting', step: 'media' } };
  const failed = { state: { name: 'failed', message: 'The container ran away.' } };
  const streaming = { state: { name: 'streaming' }, firstFrameMs: 20 };
  test.each([
    [
      'that never shows a picture',
      { version: PROTOCOL_VERSION, snapshot: connecting },
      { code: 'no-picture', what: 'calibration showed no picture (the page: connecting, media)' },
    ],
    [
      'that does not start',
      { version: PROTOCOL_VERSION, snapshot: failed },
      { code: 'no-session', what: 'calibration did not start: The container ran away.' },
    ],
    [
      'whose page is of another version',
      { version: PROTOCOL_VERSION + 1, snapshot: streaming },
      { code: 'other-version', what: `speaks version ${PROTOCOL_VERSION + 1} of the protocol` },
    ],
  ])('gives up on a game %s, and exits with 2', async (_which, page, { code, what }) => {
    const never = write('never.json', { ...SCENARIO, startSeconds: 1, profiles: ['direct'] });
    await playedPage(page, async (url) => {
      // A report that cannot be written takes no other along.
      const files = ['--json', 'never', '--html', folder.path, '--markdown', 'never.md'];
      const given = await rockpool('bench', '--url', url, '--scenario', never, ...files);
      expect(given).toMatchObject({ code: 2, stdout: expect.stringContaining(what) });
      expect(given.stderr).toMatch(/cannot be written: .*directory/);
    });
    expect(resultIn('never').measurements).toMatchObject([
      { problem: { code, what: expect.stringContaining(what) } },
    ]);
    expect(readFileSync(at('never.md'), 'utf8')).toContain(what);
  });

  test('writes what there is when it is interrupted, and leaves no session behind', async () => {
    const scenario = write('long.json', { ...SCENARIO, seconds: 2, profiles: ['direct', 'lan'] });
    const url = inject('rockpoolUrl');
    const args = ['bench', '--url', url, '--scenario', scenario, '--runs', '50', '--json', 'part'];
    const child = execFile(process.execPath, [PROGRAM, ...args], { cwd: folder.path });
    let said = '';
    const second = new Promise<void>((resolve) => {
      child.stdout?.on('data', (chunk) => {
        said += chunk;
        if (said.includes('[2/100]')) resolve();
      });
    });
    await second;
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(2);
    const { measurements, notes } = resultIn('part');
    expect(measurements).toHaveLength(1);
    expect(notes).toContain('This was stopped before its end.');
    await untilNoSession(url);
  });
});

describe('rockpool record', () => {
  test('notes what the game gets of keys, buttons, wheel and pointer, and that is done again', async () => {
    const browser = await launchBrowser('chromium');
    try {
      const player = await GamePage.open(browser, {
        url: inject('rockpoolUrl'),
        game: 'calibration',
        stream: SMALL_STREAM,
        viewport: SCENARIO.viewport,
        scripts: ['input-recorder'],
        startLimitMs: 90_000,
      });
      const { page } = player;
      await player.play(new AbortController().signal);
      await page.evaluate(() => window.inputRecorder?.start());
      await page.keyboard.down('ArrowLeft');
      await page.mouse.move(400, 300);
      await page.mouse.down({ button: 'right' });
      await page.mouse.wheel({ deltaY: 120 });
      await page.mouse.up({ button: 'right' });
      const recorded = await page.evaluate(() => window.inputRecorder?.take());
      await page.keyboard.up('ArrowLeft');
      const script = scriptOf(recorded);
      const edges = [
        ['key', 'ArrowLeft', true],
        ['button', 2, true],
        ['wheel', 120],
        ['button', 2, false],
        // Held when it ended, and so let go of by the script.
        ['key', 'ArrowLeft', false],
      ];
      expect(edgesOf(script)).toEqual(edges);

      await page.evaluate(() => window.inputRecorder?.start());
      const replay = await Replay.open(page);
      const events = [...inputEvents(script, 60_000, () => 0)];
      await replay.run(events, new AbortController().signal);
      const again = await page.evaluate(() => window.inputRecorder?.take());
      const replayed = scriptOf(again);
      expect(edgesOf(replayed)).toEqual(edges);
      for (const { x, y } of pointsOf(replayed)) {
        expect(x).toBeCloseTo(pointsOf(script)[0]?.x ?? 0, 2);
        expect(y).toBeCloseTo(pointsOf(script)[0]?.y ?? 0, 2);
      }

      // Nothing that could take the place of what was noted before.
      await page.reload();
      const isAnew = () =>
        page.evaluate(() => window.inputRecorder && window.inputRecorder.take() === undefined);
      await expect.poll(isAnew).toBe(true);
      // A page that is not in its game again cannot leave it: that would wait a minute for its player.
      await page.waitForFunction(() => window.rockpool?.snapshot.state.name === 'streaming');
      await player.close();
    } finally {
      await browser.close();
    }
    await untilNoSession(inject('rockpoolUrl'));
  });

  test.each(['chromium', 'firefox'] as const)(
    'plays gamepads and the captured pointer in %s, and notes them as they were',
    async (name) => {
      const pad = 0;
      const rest = { axes: [0, 0, 0, 0], triggers: [0, 0] };
      const tilted = { axes: [0.5, -0.25, 0, -1], triggers: [0, 0.2] };
      const script = inputScriptSchema.parse({
        kind: 'recorded',
        events: [
          { type: 'pad', atMs: 0, pad, connected: true },
          { type: 'pad-button', atMs: 100, pad, button: 0, down: true },
          { type: 'pad-sticks', atMs: 200, pad, ...tilted },
          { type: 'pad-button', atMs: 300, pad, button: 0, down: false },
          { type: 'pad-sticks', atMs: 400, pad, ...rest },
          { type: 'pad', atMs: 500, pad, connected: false },
          { type: 'capture', atMs: 600, captured: true },
          { type: 'movement', atMs: 700, dx: 40, dy: -25 },
          // The same again is another movement, and farther than the window is wide is one, too.
          { type: 'movement', atMs: 900, dx: 40, dy: -25 },
          { type: 'movement', atMs: 1100, dx: 1500, dy: 900 },
          { type: 'button', atMs: 1300, button: 0, down: true, x: 0.5, y: 0.5 },
          { type: 'button', atMs: 1400, button: 0, down: false, x: 0.5, y: 0.5 },
          { type: 'capture', atMs: 1500, captured: false },
        ],
      });
      const browser = await launchBrowser(name);
      try {
        const player = await GamePage.open(browser, {
          url: inject('rockpoolUrl'),
          game: 'calibration',
          stream: SMALL_STREAM,
          viewport: SCENARIO.viewport,
          scripts: ['input-recorder', 'pad-stand-in'],
          startLimitMs: 90_000,
        });
        const { page } = player;
        await player.play(new AbortController().signal);
        await page.evaluate(() => window.inputRecorder?.start());
        const replay = await Replay.open(page);
        const { signal } = new AbortController();
        await replay.run(
          inputEvents(script, 60_000, () => 0),
          signal,
        );
        const taken = scriptOf(await page.evaluate(() => window.inputRecorder?.take()));
        if (script.kind !== 'recorded' || taken.kind !== 'recorded')
          throw new Error('not recorded');
        const without = (type: string) => (event: { readonly type: string }) => event.type !== type;
        const told = taken.events.filter(without('pointer')).filter(without('movement'));
        const timeless = (events: readonly object[]) =>
          events.map((event) => ({ ...event, atMs: 0 }));
        const done = script.events.filter(without('movement'));
        expect(timeless(told)).toMatchObject(
          timeless(done).map((event) =>
            'x' in event ? { ...event, x: expect.any(Number), y: expect.any(Number) } : event,
          ),
        );
        const moved = taken.events.filter((event) => event.type === 'movement');
        expect(moved.reduce((sum, { dx }) => sum + dx, 0)).toBe(40 + 40 + 1500);
        expect(moved.reduce((sum, { dy }) => sum + dy, 0)).toBe(-25 - 25 + 900);
        await player.close();
      } finally {
        await browser.close();
      }
      await untilNoSession(inject('rockpoolUrl'));
    },
  );

  test('notes nothing where nothing was done, and writes nothing', async () => {
    const what = ['--url', inject('rockpoolUrl'), '--game', 'calibration', '--out', 'mine.json'];
    const outcome = await rockpool('record', ...what, '--headless', '--seconds', '1');
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('Nothing was done in the game');
    expect(existsSync(at('mine.json'))).toBe(false);
    await untilNoSession(inject('rockpoolUrl'));
  });
});

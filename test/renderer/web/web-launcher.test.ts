import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openDisplay } from '../../../renderer/desktop/display/x-display.ts';
import { findBrowser } from '../../../renderer/web/web-program.ts';
import { LauncherRun, webBuild } from '../../support/launcher-run.ts';
import { temporaryFolder } from '../../support/rockpool-process.ts';
import { describeWithXvfb, whyNoXvfb } from '../../support/xvfb.ts';

const browser = await findBrowser();
const missing =
  (await whyNoXvfb()) ?? (browser ? undefined : 'needs Chromium: apt-get install chromium');

/** A browser takes a second to start, and more where much else runs. */
vi.setConfig({ testTimeout: 60_000 });

/** Console errors are what a page says to its log. */
const say = (what: string) => `console.error('page says', ${what})`;
const page = (script: string) => `<!doctype html><title>Pond</title><script>${script}</script>`;

/** Says what the first pad looks like whenever that changes. */
const WATCH_PAD = `
let last = '';
for (const type of ['gamepadconnected', 'gamepaddisconnected'])
  addEventListener(type, (event) => console.error('event', type, event.gamepad.index, event instanceof GamepadEvent));
(function look() {
  const [pad] = navigator.getGamepads();
  const now = pad ? JSON.stringify([pad.mapping, pad.buttons.length, pad.axes,
    pad.buttons.flatMap(({ pressed, value }, index) => pressed ? [[index, value]] : []), pad instanceof Gamepad]) : 'none';
  if (now !== last) console.error('pad', now);
  last = now;
  requestAnimationFrame(look);
})();`;

describeWithXvfb('web launcher', missing, () => {
  const cleanups: (() => unknown)[] = [];
  let home: string;
  let display: Awaited<ReturnType<typeof openDisplay>>;

  beforeEach(async () => {
    const folder = temporaryFolder();
    cleanups.push(folder.remove);
    home = folder.path;
    display = await openDisplay({ resolution: { width: 640, height: 360 }, folder: folder.path });
    cleanups.push(() => display.close());
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function launch(files: Readonly<Record<string, string>>): LauncherRun {
    const build = webBuild(files);
    cleanups.push(build.remove);
    const run = new LauncherRun({ folder: build.path, browser: browser ?? '', home, display });
    cleanups.push(() => run.close());
    return run;
  }

  it('shows a page that has WebGL, sound without a click, and threads', async () => {
    const run = launch({
      'index.html': page(`
        const gl = document.createElement('canvas').getContext('webgl2');
        const audio = new AudioContext();
        audio.onstatechange = () => ${say(`audio.state`)}
        ${say(`Boolean(gl), crossOriginIsolated, isSecureContext, location.origin`)}`),
    });
    await run.told('ready');
    await run.logged(/page says true true true http:\/\/game\.localhost\n/);
    await run.logged(/page says running/);
  });

  it('gives the page pads, and takes rumble back', async () => {
    const run = launch({
      'index.html': page(`${WATCH_PAD}
        addEventListener('gamepadconnected', async ({ gamepad }) => {
          const effect = { duration: 20, strongMagnitude: 0.5, weakMagnitude: 2 };
          ${say(`await gamepad.vibrationActuator.playEffect('dual-rumble', effect)`)}
        });`),
    });
    await run.told('ready');
    run.send({ type: 'pad-connected', pad: 0 });
    run.send({ type: 'pad-button', pad: 0, button: 0, down: true });
    await run.logged(/event gamepadconnected 0 true/);
    await run.logged(/pad \["standard",17,\[0,0,0,0\],\[\[0,1\]\],true\]/);
    expect(await run.told('rumble')).toEqual({
      type: 'rumble',
      pad: 0,
      strong: 0.5,
      weak: 1,
      durationMs: 20,
    });
    await run.logged(/page says complete/);
    run.send({ type: 'pad-state', pad: 0, axes: [0.5, -1, 0, 0.25], triggers: [0, 0.75] });
    run.send({ type: 'pad-button', pad: 0, button: 7, down: true });
    await run.logged(/pad \["standard",17,\[0.5,-1,0,0.25\],\[\[0,1\],\[7,0.75\]\],true\]/);
    run.send({ type: 'release-all' });
    await run.logged(/pad \["standard",17,\[0,0,0,0\],\[\],true\]/);
    run.send({ type: 'pad-disconnected', pad: 0 });
    await run.logged(/event gamepaddisconnected 0 true/);
    await run.logged(/pad none/);
  });

  it('shows a tap that is shorter than an animation frame', async () => {
    const run = launch({ 'index.html': page(WATCH_PAD) });
    await run.told('ready');
    run.send({ type: 'pad-connected', pad: 0 });
    run.send({ type: 'pad-button', pad: 0, button: 3, down: true });
    run.send({ type: 'pad-button', pad: 0, button: 3, down: false });
    await run.logged(/pad \["standard",17,\[0,0,0,0\],\[\[3,1\]\],true\]/);
    await run.logged(/\[\[3,1\]\],true\]\n[\s\S]*pad \["standard",17,\[0,0,0,0\],\[\],true\]/);
  });

  it('tells a page that is loaded again of the pads there are', async () => {
    const run = launch({
      'index.html': page(
        `${WATCH_PAD} addEventListener('gamepadconnected', () => { if (!location.hash) { location.hash = 'again'; location.reload(); } });`,
      ),
    });
    run.send({ type: 'pad-connected', pad: 0 });
    run.send({ type: 'pad-button', pad: 0, button: 1, down: true });
    await run.logged(/event gamepadconnected[\s\S]*event gamepadconnected/);
  });

  it('gives frames of the page the same pads', async () => {
    const run = launch({
      'index.html': `${page('')}<iframe src="inner.html"></iframe>`,
      'inner.html': page(
        `addEventListener('gamepadconnected', ({ gamepad }) => ${say('gamepad.id, navigator.getGamepads()[2].index')})`,
      ),
    });
    await run.told('ready');
    run.send({ type: 'pad-connected', pad: 2 });
    run.send({ type: 'pad-state', pad: 2, axes: [1, 0, 0, 0], triggers: [0, 0] });
    await run.logged(/page says Xbox 360 Controller \(STANDARD GAMEPAD .*\) 2\n/);
  });

  it('keeps to its own origin', async () => {
    const run = launch({
      'index.html': `<a href="https://example.com/">away</a>${page(`
        onload = async () => {
          ${say(`window.open('/other.html')`)};
          document.querySelector('a').click();
          ${say(`await fetch('http://example.com/').catch((error) => error.name)`)};
          location.href = 'file:///etc/passwd';
          setTimeout(() => ${say(`'still', location.href`)});
        };`)}`,
    });
    await run.logged(/page says null/);
    await run.logged(/may not go to https:\/\/example\.com\//);
    await run.logged(/page says TypeError/);
    await run.logged(/page says still http:\/\/game\.localhost\/index\.html/);
  });

  it('keeps what the page stored, once it was told to quit', async () => {
    const files = {
      'index.html': page(`${say('localStorage.best')}; localStorage.best = '41';`),
    };
    const first = launch(files);
    await first.logged(/page says undefined/);
    first.send({ type: 'quit' });
    expect(await first.exited).toBe(0);
    expect(first.browserProcesses()).toEqual([]);
    const second = launch(files);
    await second.logged(/page says 41/);
  });

  it('says which page is missing', async () => {
    const run = launch({ 'game.html': page('') });
    expect(await run.exited).toBe(1);
    expect(run.messages).toEqual([
      { type: 'failed', message: expect.stringMatching(/^There is no index.html in the build/) },
    ]);
    expect(run.log).toMatch(/There is no index.html/);
  });

  it('ends with the page that closes itself', async () => {
    const run = launch({ 'index.html': page('onload = () => close();') });
    expect(await run.exited).toBe(0);
    expect(run.browserProcesses()).toEqual([]);
  });

  it('fails with the page that crashes', async () => {
    const run = launch({ 'index.html': page('') });
    await run.told('ready');
    for (const renderer of run.renderers()) process.kill(renderer, 'SIGKILL');
    expect(await run.exited).toBe(1);
    expect(await run.messages).toContainEqual({
      type: 'failed',
      message: expect.stringMatching(/^The page crashed/),
    });
    expect(run.browserProcesses()).toEqual([]);
  });

  it('logs what the page fails in, and not without end', async () => {
    const run = launch({
      'index.html': page(`
        for (let i = 0; i < 5000; i++) console.error('again');
        setInterval(() => { throw new Error('lost'); }, 250);`),
    });
    await run.logged(/uncaught: Error: lost[\s\S]*index\.html/);
    expect(run.log.match(/again/g)?.length).toBeLessThan(100);
  });

  it('leaves no process when its worker is gone', async () => {
    const run = launch({ 'index.html': page('') });
    await run.told('ready');
    await run.close();
    expect(run.browserProcesses()).toEqual([]);
  });
});

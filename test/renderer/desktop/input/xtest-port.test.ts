import { afterEach, beforeEach, expect, it } from 'vitest';
import { KEY_CODES } from '../../../../protocol/key-codes.ts';
import { DesktopInput } from '../../../../renderer/desktop/input/desktop-input.ts';
import { XtestPort } from '../../../../renderer/desktop/input/xtest-port.ts';
import {
  describeWithXServer,
  type X11TestClient,
  xServerUnderTest,
} from '../../../support/x-server.ts';
import { XWindow } from '../../../support/x-window.ts';

const ESCAPE = 0xff1b;
const RETURN = 0xff0d;

function codePoints(text: string): number[] {
  return [...text].map((character) => character.codePointAt(0) ?? 0);
}

describeWithXServer('input of a real X server', await xServerUnderTest(), (server) => {
  let window: XWindow;
  let client: X11TestClient;
  let input: DesktopInput;

  async function open(pointerLock: boolean): Promise<void> {
    input = await DesktopInput.open({
      port: await XtestPort.open(client),
      resolution: { width: 1280, height: 720 },
      manifest: { inputs: ['keyboard', 'mouse'], pointerLock },
    });
  }

  /** What reached the window, once the server has done all that was asked. */
  async function take(): Promise<string[]> {
    await client.sync();
    const events = await window.take();
    return events.map(({ name, keycode, rootx, rooty }) =>
      name === 'MotionNotify' ? `to ${rootx} ${rooty}` : `${name} ${keycode}`,
    );
  }

  async function takeKeysyms(): Promise<number[]> {
    await client.sync();
    return window.takeKeysyms();
  }

  beforeEach(async () => {
    window = await XWindow.open(server);
    client = await server.connect();
    await open(false);
  });

  afterEach(async () => {
    await input.close();
    await new Promise<void>((resolve) => client.close(resolve));
    await window.close();
  });

  function tap(code: (typeof KEY_CODES)[number]): void {
    input.handle({ type: 'key', seq: 1, down: true, code });
    input.handle({ type: 'key', seq: 2, down: false, code });
  }

  it('means what the physical keys of a US keyboard mean', async () => {
    for (const code of ['KeyW', 'Digit1', 'Escape', 'Enter', 'Slash', 'F1'] as const) tap(code);
    expect(await takeKeysyms()).toEqual([...codePoints('w1'), ESCAPE, RETURN, 0x2f, 0xffbe]);
    for (const code of ['ArrowUp', 'ArrowLeft', 'ArrowRight', 'ArrowDown'] as const) tap(code);
    expect(await takeKeysyms()).toEqual([0xff52, 0xff51, 0xff53, 0xff54]);
    for (const code of ['Numpad7', 'Delete', 'NumpadEnter', 'ContextMenu'] as const) tap(code);
    expect(await takeKeysyms()).toEqual([0xff95, 0xffff, 0xff8d, 0xff67]);
  });

  it('passes on every key that a browser has', async () => {
    for (const code of KEY_CODES) tap(code);
    // The locks are on now; once more takes them off for the next test.
    for (const code of ['CapsLock', 'NumLock', 'ScrollLock'] as const) tap(code);
    expect(await take()).toHaveLength(2 * (KEY_CODES.length + 3));
  });

  it('holds Shift for the keys pressed with it', async () => {
    input.handle({ type: 'key', seq: 1, down: true, code: 'ShiftLeft' });
    tap('KeyW');
    input.handle({ type: 'key', seq: 2, down: false, code: 'ShiftLeft' });
    tap('KeyW');
    expect(await takeKeysyms()).toEqual(codePoints('Ww'));
  });

  it('repeats a key that is held, as a desktop does', async () => {
    window.client.ChangeKeyboardControl({ autoRepeatMode: 1 });
    await window.client.sync();
    const repeated = window.until(({ name, keycode }) => name === 'KeyRelease' && keycode === 25);
    input.handle({ type: 'key', seq: 1, down: true, code: 'KeyW' });
    await repeated;
  });

  it('types text, whatever keys it has and whatever is held', async () => {
    input.handle({ type: 'key', seq: 1, down: true, code: 'ShiftLeft' });
    tap('CapsLock');
    await take();
    input.handle({ type: 'text', seq: 4, text: 'Hi, “é” ß 日本 \u{1f600}\n' });
    const keysyms = codePoints('Hi, “é” ß 日本 \u{1f600}').map((codePoint) =>
      codePoint <= 0xff ? codePoint : 0x0100_0000 + codePoint,
    );
    expect(await takeKeysyms()).toEqual([...keysyms, RETURN]);
    tap('CapsLock');
    input.handle({ type: 'release-all', seq: 7 });
    tap('KeyW');
    expect((await takeKeysyms()).at(-1)).toBe('w'.charCodeAt(0));
  });

  it('lands on the pixel that the player points at', async () => {
    for (const [x, y] of [
      [0, 0],
      [32_768, 32_768],
      [65_535, 65_535],
    ] as const) {
      input.handle({ type: 'pointer-move', x, y, dx: 0, dy: 0 });
    }
    input.handle({ type: 'button', seq: 1, down: true, button: 0, x: 5120, y: 0 });
    input.handle({ type: 'button', seq: 2, down: false, button: 0, x: 5120, y: 0 });
    const motion = (await take()).filter((event) => event !== 'to 0 0');
    expect(motion).toEqual([
      'to 640 360',
      'to 1279 719',
      'to 100 0',
      'ButtonPress 1',
      'to 100 0',
      'ButtonRelease 1',
    ]);
  });

  it('moves exactly as far as a locked mouse moved', async () => {
    input.handle({ type: 'pointer-move', x: 32_768, y: 32_768, dx: 0, dy: 0 });
    await take();
    await open(true);
    // Fast enough for a desktop's pointer acceleration, were there any.
    for (const [dx, dy] of [
      [1, 0],
      [-3, 5],
      [200, -150],
      [-400, 100],
    ] as const) {
      input.handle({ type: 'pointer-move', x: 0, y: 0, dx, dy });
    }
    expect(await take()).toEqual(['to 641 360', 'to 638 365', 'to 838 215', 'to 438 315']);
  });

  it('has five buttons and a wheel that turns four ways', async () => {
    input.handle({ type: 'pointer-move', x: 0, y: 0, dx: 0, dy: 0 });
    for (const button of [1, 2, 3, 4]) {
      input.handle({ type: 'button', seq: 1, down: true, button, x: 0, y: 0 });
      input.handle({ type: 'button', seq: 2, down: false, button, x: 0, y: 0 });
    }
    for (const [dx, dy] of [
      [0, -100],
      [0, 100],
      [-100, 0],
      [100, 0],
    ] as const) {
      input.handle({ type: 'wheel', seq: 3, dx, dy });
    }
    const presses = (await take()).filter((event) => event.startsWith('ButtonPress'));
    expect(presses).toEqual([2, 3, 8, 9, 4, 5, 6, 7].map((button) => `ButtonPress ${button}`));
  });

  it('lets everything go at once', async () => {
    input.handle({ type: 'key', seq: 1, down: true, code: 'KeyW' });
    input.handle({ type: 'button', seq: 2, down: true, button: 0, x: 0, y: 0 });
    input.handle({ type: 'pad-state', pad: 0, axes: [1, 0, 0, 0], triggers: [0, 0] });
    await take();
    input.handle({ type: 'release-all', seq: 3 });
    expect((await take()).sort()).toEqual(['ButtonRelease 1', 'KeyRelease 114', 'KeyRelease 25']);
  });
});

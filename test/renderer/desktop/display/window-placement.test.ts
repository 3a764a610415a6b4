import { afterEach, expect, it } from 'vitest';
import { WindowPlacement } from '../../../../renderer/desktop/display/window-placement.ts';
import { XConnection } from '../../../../renderer/desktop/display/x-connection.ts';
import { XProgram } from '../../../support/x-program.ts';
import {
  connectedDisplay,
  describeWithXvfb,
  eventually,
  whyNoXvfb,
} from '../../../support/xvfb.ts';

const HD = { width: 1280, height: 720 };
const WHOLE = [0, 0, 1280, 720];
const POINTER_ROOT = 1;

const missing = await whyNoXvfb();
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function bareDisplay() {
  const { display, connection } = await connectedDisplay(HD, cleanups);
  const program = await XProgram.open(display);
  cleanups.push(() => program.close());
  return { display, connection, program };
}

async function managed() {
  const { display, connection, program } = await bareDisplay();
  const told: (number | 'first')[] = [];
  const placement = await WindowPlacement.open(connection, HD, {
    handleFirstWindow: () => told.push('first'),
    handleWindowCount: (count) => told.push(count),
  });
  cleanups.push(() => placement.close());
  const visible = (window: number) =>
    eventually(() =>
      program.events.some((event) => event.name === 'MapNotify' && event.wid === window),
    ).toBe(true);
  /** A window of this kind, on the screen. */
  const shown = async (wish: Parameters<XProgram['map']>[0]) => {
    const window = await program.map(wish);
    await visible(window);
    await connection.settled();
    return window;
  };
  const geometry = (window: number) => eventually(() => program.geometry(window));
  const focus = () => eventually(() => program.focus());
  return { display, connection, program, placement, told, shown, geometry, focus };
}

describeWithXvfb('window placement', missing, () => {
  it('lets the first window cover the display and gives it the keyboard', async () => {
    const { shown, geometry, focus, told } = await managed();
    const main = await shown({ width: 640, height: 480 });
    await geometry(main).toEqual(WHOLE);
    await focus().toBe(main);
    expect(told).toEqual(['first', 1]);
  });

  it('puts a window that belongs to another in the middle, and gives the keyboard back', async () => {
    const { program, shown, geometry, focus } = await managed();
    const main = await shown({ width: 640, height: 480 });
    const dialog = await shown({ width: 400, height: 200, transientFor: main });
    await geometry(dialog).toEqual([440, 260, 400, 200]);
    await geometry(main).toEqual(WHOLE);
    await focus().toBe(dialog);
    program.client.UnmapWindow(dialog);
    await focus().toBe(main);
    program.client.DestroyWindow(main);
    await focus().toBe(POINTER_ROOT);
  });

  it.each([
    ['of type dialog', { width: 300, height: 100, type: '_NET_WM_WINDOW_TYPE_DIALOG' }],
    ['of one size', { width: 300, height: 100, fixedSize: true }],
  ])('puts a window %s in the middle, though it is the first', async (_, wish) => {
    const { shown, geometry, focus } = await managed();
    const window = await shown(wish);
    await geometry(window).toEqual([490, 310, 300, 100]);
    await focus().toBe(window);
  });

  it('makes later large windows cover the display, and centres small ones', async () => {
    const { shown, geometry } = await managed();
    await shown({ width: 640, height: 480 });
    await geometry(await shown({ width: 800, height: 600 })).toEqual(WHOLE);
    await geometry(await shown({ width: 200, height: 600 })).toEqual([540, 60, 200, 600]);
  });

  it('leaves menus where their program puts them', async () => {
    const { program, shown, geometry, focus, told } = await managed();
    const main = await shown({ width: 640, height: 480 });
    const menu = await shown({ x: 7, y: 9, width: 900, height: 500, overrideRedirect: true });
    await geometry(menu).toEqual([7, 9, 900, 500]);
    await focus().toBe(main);
    await eventually(() => told).toEqual(['first', 1, 2]);
    const tip = await program.make({ x: 3, y: 4, width: 20, height: 10, overrideRedirect: true });
    program.client.MapWindow(tip);
    program.client.DestroyWindow(menu);
    await eventually(() => told).toEqual(['first', 1, 2, 1]);
    await geometry(tip).toEqual([3, 4, 20, 10]);
  });

  it('tells a program that asks for another size what it has got', async () => {
    const { program, shown, geometry } = await managed();
    const main = await shown({ width: 640, height: 480 });
    await geometry(main).toEqual(WHOLE);
    program.events.length = 0;
    program.client.ConfigureWindow(main, { x: 50, y: 60, width: 320, height: 200 });
    const notices = () =>
      program.events.flatMap((event) => {
        const { name, x, y, width, height } = event as unknown as Record<string, number | string>;
        return name === 'ConfigureNotify' ? [[x, y, width, height]] : [];
      });
    await eventually(notices).toContainEqual(WHOLE);
    await geometry(main).toEqual(WHOLE);
  });

  it('lets a dialog change its size, and keeps it in the middle', async () => {
    const { program, shown, geometry } = await managed();
    const dialog = await shown({ width: 300, height: 100, type: '_NET_WM_WINDOW_TYPE_DIALOG' });
    program.client.ConfigureWindow(dialog, { width: 500, height: 200 });
    await geometry(dialog).toEqual([390, 260, 500, 200]);
  });

  it('lets a window of one size cover the display when it asks for full screen', async () => {
    const { program, shown, geometry } = await managed();
    const window = await shown({ width: 640, height: 480, fixedSize: true });
    await geometry(window).toEqual([320, 120, 640, 480]);
    const fullscreen = await program.atom('_NET_WM_STATE_FULLSCREEN');
    await program.tellManager(window, '_NET_WM_STATE', [1, fullscreen, 0, 1]);
    await geometry(window).toEqual(WHOLE);
    await eventually(() => program.property(window, '_NET_WM_STATE')).toEqual([fullscreen]);
    await program.tellManager(window, '_NET_WM_STATE', [2, fullscreen, 0, 1]);
    await geometry(window).toEqual([320, 120, 640, 480]);
    expect(await program.property(window, '_NET_WM_STATE')).toEqual([]);
  });

  it('grants full screen that a window has from the start', async () => {
    const { shown, geometry } = await managed();
    await shown({ width: 640, height: 480 });
    const state = '_NET_WM_STATE_FULLSCREEN';
    await geometry(await shown({ width: 99, height: 99, state })).toEqual(WHOLE);
  });

  it('follows a window that may be stretched no longer', async () => {
    const { program, shown, geometry } = await managed();
    const main = await shown({ width: 640, height: 480 });
    await geometry(main).toEqual(WHOLE);
    program.fixSize(main, 800, 600);
    await geometry(main).toEqual([240, 60, 800, 600]);
  });

  it('answers what toolkits ask before they trust a window manager', async () => {
    const { program, shown } = await managed();
    const [check = 0] = await program.property(program.root, '_NET_SUPPORTING_WM_CHECK');
    expect(await program.property(check, '_NET_SUPPORTING_WM_CHECK')).toEqual([check]);
    expect(await program.property(program.root, '_NET_SUPPORTED')).toContain(
      await program.atom('_NET_WM_STATE_FULLSCREEN'),
    );
    const main = await shown({ width: 640, height: 480 });
    const ofRoot = (name: string) => eventually(() => program.property(program.root, name));
    await ofRoot('_NET_ACTIVE_WINDOW').toEqual([main]);
    await ofRoot('_NET_CLIENT_LIST').toEqual([main]);
    await ofRoot('_NET_WORKAREA').toEqual(WHOLE);
    expect(await program.property(main, 'WM_STATE')).toEqual([1, 0]);
    expect(await program.property(main, '_NET_FRAME_EXTENTS')).toEqual([0, 0, 0, 0]);
  });

  it('raises a window that wants to be active and gives it the keyboard', async () => {
    const { program, shown, focus } = await managed();
    const one = await shown({ width: 800, height: 600 });
    const two = await shown({ width: 900, height: 600 });
    await focus().toBe(two);
    await program.tellManager(one, '_NET_ACTIVE_WINDOW', [1, 0, 0]);
    await focus().toBe(one);
    const { children } = await program.ask<{ readonly children: readonly number[] }>((done) =>
      program.client.QueryTree(program.root, done),
    );
    expect(children.indexOf(one)).toBeGreaterThan(children.indexOf(two));
  });

  it('asks a window that takes the focus itself, with the time of the server', async () => {
    const { program, shown, focus } = await managed();
    const window = await shown({
      width: 800,
      height: 600,
      takesInput: false,
      protocols: ['WM_TAKE_FOCUS'],
    });
    const takeFocus = await program.atom('WM_TAKE_FOCUS');
    const asked = () =>
      program.events.find((event) => event.name === 'ClientMessage' && event.wid === window);
    await eventually(asked).toMatchObject({ data: [takeFocus, expect.any(Number), 0, 0, 0] });
    await focus().toBe(POINTER_ROOT);
  });

  it('asks windows to close that can be asked', async () => {
    const { program, placement, shown } = await managed();
    const deaf = await shown({ width: 800, height: 600 });
    const window = await shown({ width: 800, height: 600, protocols: ['WM_DELETE_WINDOW'] });
    const deletion = await program.atom('WM_DELETE_WINDOW');
    placement.askToClose();
    const asked = () => program.events.flatMap((e) => (e.name === 'ClientMessage' ? [e] : []));
    await eventually(asked).toMatchObject([{ wid: window, data: [deletion, 0, 0, 0, 0] }]);
    expect(asked().some(({ wid }) => wid === deaf)).toBe(false);
  });

  it('follows a new size of the display', async () => {
    const { display, placement, shown, geometry } = await managed();
    const main = await shown({ width: 640, height: 480 });
    const dialog = await shown({ width: 400, height: 200, transientFor: main });
    const size = { width: 640, height: 360 };
    await display.resize(size);
    placement.resize(size);
    await geometry(main).toEqual([0, 0, 640, 360]);
    await geometry(dialog).toEqual([120, 80, 400, 200]);
  });

  it('goes on when windows vanish while they are looked at', async () => {
    const { program, shown, geometry, told } = await managed();
    for (let round = 0; round < 50; round++) {
      const window = await program.make({ width: 640, height: 480 });
      program.client.MapWindow(window);
      program.client.DestroyWindow(window);
    }
    const main = await shown({ width: 640, height: 480 });
    await geometry(main).toEqual(WHOLE);
    await eventually(() => told.at(-1)).toBe(1);
  });

  it('takes over the windows that are there already', async () => {
    const { connection, program } = await bareDisplay();
    const main = await program.map({ width: 640, height: 480 });
    const hidden = await program.make({ width: 640, height: 480 });
    const told: number[] = [];
    const placement = await WindowPlacement.open(connection, HD, {
      handleFirstWindow: () => {},
      handleWindowCount: (count) => told.push(count),
    });
    cleanups.push(() => placement.close());
    await eventually(() => program.geometry(main)).toEqual(WHOLE);
    expect(await program.geometry(hidden)).toEqual([30, 40, 640, 480]);
    expect(told).toEqual([1]);
  });

  it('is the only window manager of its display, until it is closed', async () => {
    const { display, placement } = await managed();
    const other = await XConnection.open({
      display: display.name,
      authorityFile: display.authorityFile,
      handleFailure: () => {},
    });
    cleanups.push(() => other.close());
    const listener = { handleFirstWindow: () => {}, handleWindowCount: () => {} };
    const opening = WindowPlacement.open(other, HD, listener);
    await expect(opening).rejects.toMatchObject({ code: 'game-failed' });
    placement.close();
    placement.close();
    await expect
      .poll(async () => {
        const second = await WindowPlacement.open(other, HD, listener).catch(() => undefined);
        second?.close();
        return second !== undefined;
      })
      .toBe(true);
  });
});

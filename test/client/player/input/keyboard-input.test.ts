import { describe, expect, it } from 'vitest';
import type { InputEdge } from '../../../../client/player/input/input-sender.ts';
import { KeyboardInput } from '../../../../client/player/input/keyboard-input.ts';
import { BrowserTime } from '../../../support/browser-time.ts';
import { fakeEvent } from '../../../support/fake-page.ts';

function setUp(locked = false) {
  const target = new EventTarget();
  const sent: { edge: InputEdge; atMs: number }[] = [];
  const keyboard = new KeyboardInput({
    target,
    scheduler: new BrowserTime(),
    send: (edge, atMs) => sent.push({ edge, atMs }),
    isLocked: () => locked,
  });
  const press = (type: 'keydown' | 'keyup', code: string, fields: object = {}, timeStamp = 990) => {
    const event = fakeEvent(type, { code, ...fields }, timeStamp);
    target.dispatchEvent(event);
    return event;
  };
  const edges = () => sent.map(({ edge }) => edge);
  return { keyboard, target, sent, edges, press };
}

describe('KeyboardInput', () => {
  it('sends a key going down and up, with the time it happened', () => {
    const { press, sent } = setUp();
    const down = press('keydown', 'KeyW', {}, 900);
    press('keyup', 'KeyW', {}, 950);
    expect(sent).toEqual([
      { edge: { type: 'key', down: true, code: 'KeyW' }, atMs: 900 },
      { edge: { type: 'key', down: false, code: 'KeyW' }, atMs: 950 },
    ]);
    expect(down.defaultPrevented).toBe(true);
  });

  it('takes now for a time stamp of another timeline', () => {
    const { press, sent } = setUp();
    press('keydown', 'KeyW', {}, Date.UTC(2026, 0));
    expect(sent[0]?.atMs).toBe(1000);
  });

  it('ignores repeats, but keeps the browser from acting on them', () => {
    const { press, edges } = setUp();
    press('keydown', 'Space');
    expect(press('keydown', 'Space', { repeat: true }).defaultPrevented).toBe(true);
    expect(edges()).toHaveLength(1);
  });

  it('does not take a repeat for a press after everything was released', () => {
    const { keyboard, press, edges } = setUp();
    press('keydown', 'KeyW');
    keyboard.forget();
    press('keydown', 'KeyW', { repeat: true });
    press('keyup', 'KeyW');
    expect(edges()).toHaveLength(1);
    press('keydown', 'KeyW');
    expect(edges()).toHaveLength(2);
  });

  it.each([
    ['F5', {}],
    ['F12', {}],
    ['KeyR', { ctrlKey: true }],
    ['KeyW', { ctrlKey: true }],
    ['KeyC', { metaKey: true }],
  ])('leaves %s with %o to the browser', (code, fields) => {
    const { press, edges } = setUp();
    expect(press('keydown', code, fields).defaultPrevented).toBe(false);
    expect(edges()).toEqual([]);
  });

  it('gives the game what the browser would take, once the keyboard is locked', () => {
    const { press, edges } = setUp(true);
    press('keydown', 'Escape');
    press('keydown', 'KeyW', { ctrlKey: true });
    expect(edges()).toHaveLength(2);
  });

  it('keeps Ctrl with other keys from opening the browser’s dialogs', () => {
    const { press, edges } = setUp();
    press('keydown', 'ControlLeft', { ctrlKey: true });
    expect(press('keydown', 'KeyS', { ctrlKey: true }).defaultPrevented).toBe(true);
    expect(edges()).toHaveLength(2);
  });

  it('lets go of everything with Meta, whose partners’ keyup macOS swallows', () => {
    const { press, edges } = setUp();
    press('keydown', 'KeyD');
    press('keydown', 'MetaLeft', { metaKey: true });
    press('keyup', 'MetaLeft');
    expect(edges().slice(2)).toEqual([
      { type: 'key', down: false, code: 'MetaLeft' },
      { type: 'key', down: false, code: 'KeyD' },
    ]);
  });

  it('ignores keys that are not sent, that the page used, or that a control inside is to get', () => {
    const { press, edges } = setUp();
    press('keydown', 'AudioVolumeUp');
    press('keydown', 'KeyA', { defaultPrevented: true });
    press('keydown', 'KeyB', { target: new EventTarget() });
    expect(edges()).toEqual([]);
  });

  it('sends nothing while disabled or after it was closed', () => {
    const { keyboard, press, edges } = setUp();
    keyboard.setEnabled(false);
    expect(press('keydown', 'KeyW').defaultPrevented).toBe(false);
    keyboard.setEnabled(true);
    keyboard.close();
    press('keydown', 'KeyW');
    expect(edges()).toEqual([]);
  });
});

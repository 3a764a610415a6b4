import { describe, expect, it } from 'vitest';
import type { InputEdge, Motion } from '../../../../client/player/input/input-sender.ts';
import { PointerInput } from '../../../../client/player/input/pointer-input.ts';
import { BrowserTime } from '../../../support/browser-time.ts';
import { FakeElement, fakeEvent } from '../../../support/fake-page.ts';

class RawUpdateElement extends FakeElement {
  onpointerrawupdate: null = null;
}

function setUp({ raw = false, picture = { width: 1280, height: 720 } } = {}) {
  const target = raw ? new RawUpdateElement() : new FakeElement();
  const time = new BrowserTime();
  const edges: { edge: InputEdge; atMs: number }[] = [];
  const motions: Motion[] = [];
  const lock = { held: false };
  const pointer = new PointerInput({
    target: target.asElement(),
    picture: new EventTarget(),
    pictureBox: () => ({ left: 0, top: 0, width: 1280, height: 920 }),
    pictureSize: () => picture,
    isLocked: () => lock.held,
    scheduler: time,
    sendEdge: (edge, atMs) => edges.push({ edge, atMs }),
    sendMotion: (motion) => motions.push(motion),
  });
  const fire = (type: string, fields: object = {}, timeStamp = time.now()) => {
    const event = fakeEvent(
      type,
      {
        isPrimary: true,
        isTrusted: true,
        pointerId: 5,
        pointerType: 'mouse',
        buttons: 0,
        clientX: 0,
        clientY: 0,
        movementX: 0,
        movementY: 0,
        ...fields,
      },
      timeStamp,
    );
    target.dispatchEvent(event);
    return event;
  };
  return { target, time, edges, motions, lock, pointer, fire };
}

describe('PointerInput', () => {
  it('sends a button with the place in the picture, and takes focus and the pointer', () => {
    const { fire, edges, target } = setUp();
    fire('pointerdown', { buttons: 1, clientX: 640, clientY: 460 }, 995);
    fire('pointerup', { buttons: 0, clientX: 1280, clientY: 820 }, 998);
    expect(edges).toEqual([
      { edge: { type: 'button', down: true, button: 0, x: 32_768, y: 32_768 }, atMs: 995 },
      { edge: { type: 'button', down: false, button: 0, x: 65_535, y: 65_535 }, atMs: 998 },
    ]);
    expect(target.focused).toBe(1);
    expect(target.captured).toEqual([5]);
  });

  it('sends a second button pressed while the first is held, which comes as a move', () => {
    const { fire, edges } = setUp();
    fire('pointerdown', { buttons: 1 });
    fire('pointermove', { buttons: 3 });
    fire('pointermove', { buttons: 2 });
    fire('pointerup', { buttons: 0 });
    const steps = edges.map(({ edge }) => edge.type === 'button' && [edge.button, edge.down]);
    expect(steps).toEqual([
      [0, true],
      [2, true],
      [0, false],
      [2, false],
    ]);
  });

  it('releases the buttons of a pointer that was cancelled', () => {
    const { fire, edges } = setUp();
    fire('pointerdown', { buttons: 1, pointerType: 'touch' });
    fire('pointercancel');
    expect(edges.map(({ edge }) => edge.type === 'button' && edge.down)).toEqual([true, false]);
  });

  it('takes only the first touch for the pointer', () => {
    const { fire, edges, motions } = setUp();
    fire('pointerdown', { buttons: 1, isPrimary: false });
    fire('pointermove', { buttons: 1, isPrimary: false });
    expect(edges).toEqual([]);
    expect(motions).toEqual([]);
  });

  it('sends a move at once and those within four milliseconds as one', () => {
    const { fire, motions, time } = setUp();
    fire('pointermove', { clientX: 128, clientY: 100 });
    expect(motions).toHaveLength(1);
    time.advance(1);
    fire('pointermove', { clientX: 256, clientY: 100 });
    fire('pointermove', { clientX: 1280, clientY: 100 });
    expect(motions).toHaveLength(1);
    time.advance(3);
    expect(motions).toHaveLength(2);
    expect(motions[1]).toEqual({ type: 'pointer', x: 65_535, y: 0, sumX: 0, sumY: 0 });
    time.advance(100);
    expect(motions).toHaveLength(2);
  });

  it('prefers raw updates where there are any, and does not count movement twice', () => {
    const { fire, motions, lock } = setUp({ raw: true });
    lock.held = true;
    fire('pointerrawupdate', { movementX: 4 });
    fire('pointermove', { movementX: 4 });
    expect(motions).toEqual([{ type: 'pointer', x: 32_768, y: 32_768, sumX: 4, sumY: 0 }]);
  });

  it('sums movement up while the pointer is locked, and keeps its place', () => {
    const { fire, motions, lock, time } = setUp();
    fire('pointermove', { clientX: 1280, clientY: 820, movementX: 50, movementY: 50 });
    lock.held = true;
    for (let i = 0; i < 4; i++) {
      time.advance(10);
      fire('pointermove', { movementX: 0.4, movementY: -300, clientX: 7 });
    }
    expect(motions.at(-1)).toEqual({
      type: 'pointer',
      x: 65_535,
      y: 65_535,
      sumX: 2,
      sumY: -1200,
    });
  });

  it('sends buttons of a locked pointer, which no browser lets a page capture', () => {
    const { fire, edges, lock, target } = setUp();
    lock.held = true;
    target.setPointerCapture = () => {
      throw new DOMException('a pointer is locked', 'InvalidStateError');
    };
    fire('pointerdown', { buttons: 1 });
    fire('pointerup', { buttons: 0 });
    expect(edges.map(({ edge }) => edge)).toMatchObject([
      { type: 'button', button: 0, down: true },
      { type: 'button', button: 0, down: false },
    ]);
  });

  it('counts movement from zero on a new connection', () => {
    const { fire, motions, lock, pointer, time } = setUp();
    lock.held = true;
    fire('pointermove', { movementX: 9 });
    pointer.handleConnected();
    time.advance(10);
    fire('pointermove', { movementX: 1 });
    expect(motions.at(-1)).toMatchObject({ sumX: 1 });
  });

  it('does not release a button it was told to forget', () => {
    const { fire, edges, pointer } = setUp();
    fire('pointerdown', { buttons: 1 });
    pointer.forget();
    fire('pointerup', { buttons: 0 });
    expect(edges).toHaveLength(1);
  });

  it('sends the wheel in pixels and keeps what is left of a pixel', () => {
    const { fire, edges } = setUp();
    const event = fire('wheel', { deltaMode: 1, deltaX: 0, deltaY: 3 });
    fire('wheel', { deltaMode: 0, deltaX: 0, deltaY: 0.4 });
    fire('wheel', { deltaMode: 0, deltaX: 0, deltaY: 0.4 });
    expect(event.defaultPrevented).toBe(true);
    expect(edges.map(({ edge }) => edge)).toEqual([
      { type: 'wheel', dx: 0, dy: 48 },
      { type: 'wheel', dx: 0, dy: 1 },
    ]);
  });

  it('keeps the context menu away, except from controls inside', () => {
    const { fire } = setUp();
    expect(fire('contextmenu').defaultPrevented).toBe(true);
    expect(fire('contextmenu', { target: new EventTarget() }).defaultPrevented).toBe(false);
  });

  it('sends nothing while disabled', () => {
    const { fire, edges, motions, pointer } = setUp();
    pointer.setEnabled(false);
    fire('pointermove', { clientX: 5 });
    fire('pointerdown', { buttons: 1 });
    expect([...edges, ...motions]).toEqual([]);
  });

  it('leaves no listener and no timer when closed', () => {
    const { fire, edges, motions, pointer, time } = setUp();
    fire('pointermove', { clientX: 1 });
    fire('pointermove', { clientX: 2 });
    pointer.close();
    expect(time.pendingTimers).toBe(0);
    fire('pointermove', { clientX: 3 });
    fire('pointerdown', { buttons: 1 });
    expect(motions).toHaveLength(1);
    expect(edges).toEqual([]);
  });
});

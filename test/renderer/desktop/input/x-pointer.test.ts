import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { XPointer } from '../../../../renderer/desktop/input/x-pointer.ts';
import { FakeXPort } from '../../../support/fake-x-port.ts';

function pointer(pointerLock = false) {
  const port = new FakeXPort();
  const resolution = { width: 1280, height: 720 };
  return { port, pointer: new XPointer(port, { resolution, pointerLock }) };
}

const smallStep = fc.integer({ min: -2, max: 2 });

function clicks(button: number, times: number): string[] {
  return Array.from({ length: times }, () => [
    `button ${button} down`,
    `button ${button} up`,
  ]).flat();
}

describe('pointer', () => {
  it('brings every pixel of a picture shown at its size back to itself', () => {
    const { port, pointer: mouse } = pointer();
    for (let x = 0; x < 1280; x++) mouse.place(Math.round((x / 1280) * 65_535), 0);
    expect(port.take()).toEqual(Array.from({ length: 1280 }, (_, x) => `to ${x} 0`));
  });

  it('stays on the display at the far edges', () => {
    const { port, pointer: mouse } = pointer();
    mouse.place(65_535, 65_535);
    expect(port.take()).toEqual(['to 1279 719']);
  });

  it('keeps fractions of a pixel for the next movement', () => {
    const { port, pointer: mouse } = pointer();
    for (let i = 0; i < 4; i++) mouse.moveBy(0.25, -0.5);
    expect(port.take()).toEqual(['by 0 -1', 'by 1 -1']);
  });

  it('never asks for the same movement twice in a row, and moves as far all the same', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(smallStep, smallStep)), (steps) => {
        const { port, pointer: mouse } = pointer(true);
        for (const [dx, dy] of steps) mouse.move(0, 0, dx, dy);
        const requests = port.take();
        let [x, y] = [0, 0];
        for (const [i, request] of requests.entries()) {
          expect(request).not.toBe(requests[i - 1]);
          const [, dx, dy] = request.split(' ').map(Number);
          x += dx ?? 0;
          y += dy ?? 0;
        }
        const wanted = [0, 1].map((axis) =>
          steps.reduce((sum, step) => sum + (step[axis] ?? 0), 0),
        );
        expect([x, y]).toEqual(wanted);
      }),
    );
  });

  it('cuts a movement to what the protocol can say', () => {
    const { port, pointer: mouse } = pointer(true);
    mouse.move(0, 0, 2_000_000, -2_000_000);
    expect(port.take()).toEqual(['by 32766 -32766']);
  });

  it('knows five buttons and no more', () => {
    const { port, pointer: mouse } = pointer();
    for (let button = 0; button < 8; button++) {
      mouse.press(button);
      mouse.release(button);
    }
    expect(port.take()).toEqual([1, 2, 3, 8, 9].flatMap((button) => clicks(button, 1)));
  });

  it('clicks once for each notch, down and right from above zero', () => {
    const { port, pointer: mouse } = pointer();
    mouse.wheel(0, 100);
    mouse.wheel(0, -200);
    mouse.wheel(100, 0);
    mouse.wheel(-100, 0);
    expect(port.take()).toEqual([
      ...clicks(5, 1),
      ...clicks(4, 2),
      ...clicks(7, 1),
      ...clicks(6, 1),
    ]);
  });

  it('adds up the small steps of a touchpad', () => {
    const { port, pointer: mouse } = pointer();
    for (let i = 0; i < 7; i++) mouse.wheel(0, 30);
    expect(port.take()).toEqual(clicks(5, 2));
  });

  it('starts from nothing when the wheel turns back', () => {
    const { port, pointer: mouse } = pointer();
    mouse.wheel(0, 90);
    mouse.wheel(0, -100);
    expect(port.take()).toEqual(clicks(4, 1));
  });

  it('forgets half a notch when everything is released', () => {
    const { port, pointer: mouse } = pointer();
    mouse.wheel(0, 90);
    mouse.releaseAll();
    mouse.wheel(0, 90);
    expect(port.take()).toEqual([]);
  });

  it('turns a wheel no further at once than anybody does', () => {
    const { port, pointer: mouse } = pointer();
    mouse.wheel(0, 32_767);
    expect(port.take()).toEqual(clicks(5, 20));
  });
});

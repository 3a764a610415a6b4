import { describe, expect, it } from 'vitest';
import type { KeyCode } from '../../../protocol/key-codes.ts';
import { InputTracker } from '../../../renderer/input-state.ts';
import { PilotInput } from '../../../renderer/skimmer/pilot-input.ts';

const TICK_S = 1 / 60;

class Desk {
  readonly tracker = new InputTracker();
  readonly pilot = new PilotInput();

  key(code: KeyCode, down: boolean): void {
    this.tracker.apply({ type: 'key', seq: 1, code, down });
  }

  stick(x: number, y = 0): void {
    this.tracker.apply({ type: 'pad-state', pad: 2, axes: [x, y, 0, 0], triggers: [0, 0] });
  }

  padButton(button: number, down: boolean): void {
    this.tracker.apply({ type: 'pad-button', seq: 1, pad: 2, button, down });
  }

  point(x: number, y: number): void {
    this.tracker.apply({ type: 'pointer-move', x: x * 65_535, y: y * 65_535, dx: 1, dy: 0 });
  }

  tick(count = 1): void {
    for (let i = 0; i < count; i++) {
      this.pilot.read(this.tracker, TICK_S);
      this.tracker.endTick();
    }
  }
}

describe('the helm', () => {
  it.each([
    ['ArrowRight', 1],
    ['KeyD', 1],
    ['ArrowLeft', -1],
    ['KeyA', -1],
  ] as const)('swings over while %s is held and back when it is let go', (code, side) => {
    const desk = new Desk();
    desk.key(code, true);
    desk.tick(2);
    expect(Math.abs(desk.pilot.steer)).toBeLessThan(0.5);
    desk.tick(30);
    expect(desk.pilot.steer).toBe(side);
    desk.key(code, false);
    desk.tick(30);
    expect(desk.pilot.steer).toBe(0);
  });

  it('follows the pointer', () => {
    const desk = new Desk();
    desk.point(0.9, 0.5);
    desk.tick();
    expect(desk.pilot.steer).toBe(1);
    desk.point(0.5, 0.5);
    desk.tick();
    expect(desk.pilot.steer).toBeCloseTo(0);
  });

  it('follows the stick, and rests in its dead zone', () => {
    const desk = new Desk();
    desk.stick(1);
    desk.tick();
    expect(desk.pilot.steer).toBe(1);
    expect(desk.pilot.pad).toBe(2);
    desk.stick(0.08);
    desk.tick();
    expect(desk.pilot.steer).toBeCloseTo(0);
  });

  it('belongs to the device that moved last', () => {
    const desk = new Desk();
    desk.point(0.9, 0.5);
    desk.tick();
    desk.key('ArrowLeft', true);
    desk.tick(60);
    expect(desk.pilot.steer).toBe(-1);
  });
});

describe('boost and menu presses', () => {
  it('boosts on keys, mouse button and pad button', () => {
    for (const code of ['Space', 'ShiftLeft'] as const) {
      const desk = new Desk();
      desk.key(code, true);
      desk.tick();
      expect(desk.pilot.boost).toBe(true);
    }
    const mouse = new Desk();
    mouse.tracker.apply({ type: 'button', seq: 1, down: true, button: 0, x: 0, y: 0 });
    mouse.tick();
    expect(mouse.pilot.boost).toBe(true);
    const pad = new Desk();
    pad.padButton(0, true);
    pad.tick();
    expect(pad.pilot.boost).toBe(true);
  });

  it('confirms and pauses once a press', () => {
    const desk = new Desk();
    desk.key('Enter', true);
    desk.padButton(9, true);
    desk.tick();
    expect([desk.pilot.confirm, desk.pilot.pause]).toEqual([true, true]);
    desk.tick();
    expect([desk.pilot.confirm, desk.pilot.pause]).toEqual([false, false]);
  });

  it('navigates once each time the stick is pushed', () => {
    const desk = new Desk();
    desk.stick(0, 1);
    desk.tick();
    expect(desk.pilot.navigate).toBe(1);
    desk.tick();
    expect(desk.pilot.navigate).toBe(0);
  });
});

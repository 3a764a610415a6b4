import { describe, expect, it } from 'vitest';
import { type PadMapping, padMappingSchema } from '../../../../protocol/build-manifest.ts';
import { defaultPadMapping } from '../../../../renderer/desktop/input/default-pad-mapping.ts';
import { MappedPad } from '../../../../renderer/desktop/input/pad-mapping.ts';
import { XKeyboard } from '../../../../renderer/desktop/input/x-keyboard.ts';
import { XPointer } from '../../../../renderer/desktop/input/x-pointer.ts';
import { VirtualTime } from '../../../../renderer/virtual-time.ts';
import { FakeXPort } from '../../../support/fake-x-port.ts';

const WASD = { up: 'KeyW', down: 'KeyS', left: 'KeyA', right: 'KeyD' } as const;
const [W, A, D] = [25, 38, 40];

function mappedPad(mapping: PadMapping) {
  const port = new FakeXPort();
  const time = new VirtualTime();
  const pad = new MappedPad({
    mapping,
    keyboard: new XKeyboard(port),
    pointer: new XPointer(port, {
      resolution: { width: 1280, height: 720 },
      pointerLock: false,
    }),
    time: { clock: time, scheduler: time },
  });
  const button = (index: number, down: boolean, number = 0) =>
    pad.handle({ type: 'pad-button', seq: 1, pad: number, button: index, down });
  const state = (
    axes: readonly [number, number, number, number],
    triggers: readonly [number, number] = [0, 0],
  ) => pad.handle({ type: 'pad-state', pad: 0, axes, triggers });
  return { pad, port, time, button, state };
}

/** Sum of all movement asked for. */
function movement(requests: readonly string[]): [number, number] {
  let [x, y] = [0, 0];
  for (const request of requests) {
    const [kind, dx, dy] = request.split(' ');
    expect(kind).toBe('by');
    x += Number(dx);
    y += Number(dy);
  }
  return [x, y];
}

describe('mapped pad', () => {
  it('presses keys and mouse buttons', () => {
    const { port, button } = mappedPad({ buttons: { 0: { key: 'Space' }, 5: { mouse: 'right' } } });
    for (const index of [0, 5, 7]) {
      button(index, true);
      button(index, false);
    }
    expect(port.take()).toEqual(['key 65 down', 'key 65 up', 'button 3 down', 'button 3 up']);
  });

  it('holds a key that two buttons stand for until both are up', () => {
    const { port, button } = mappedPad({ buttons: { 0: { key: 'Space' }, 1: { key: 'Space' } } });
    button(0, true);
    button(1, true);
    button(0, false);
    expect(port.take()).toEqual(['key 65 down']);
    button(1, false);
    expect(port.take()).toEqual(['key 65 up']);
  });

  it('listens to the first pad alone', () => {
    const { port, button } = mappedPad({ buttons: { 0: { key: 'Space' } } });
    button(0, true, 1);
    expect(port.take()).toEqual([]);
  });

  it('presses a stick at half its way and lets go below a third', () => {
    const { port, state } = mappedPad({ buttons: {}, leftStick: WASD });
    for (const x of [0.4, 0.5, 0.4, 0.36, 0.34, 0.4]) state([x, 0, 0, 0]);
    expect(port.take()).toEqual([`key ${D} down`, `key ${D} up`]);
  });

  it('holds two keys on a diagonal', () => {
    const { port, state } = mappedPad({ buttons: {}, rightStick: WASD });
    state([0, 0, -0.7, -0.7]);
    expect([...port.keysDown].sort()).toEqual([W, A]);
    state([0, 0, 0, -1]);
    expect([...port.keysDown]).toEqual([W]);
  });

  it('changes straight from one side to the other', () => {
    const { port, state } = mappedPad({ buttons: {}, leftStick: WASD });
    state([-1, 0, 0, 0]);
    state([1, 0, 0, 0]);
    expect(port.take()).toEqual([`key ${A} down`, `key ${A} up`, `key ${D} down`]);
  });

  it('takes a trigger for one press, whether told as a button or as a value', () => {
    const { port, button, state } = mappedPad({ buttons: { 7: { mouse: 'left' } } });
    button(7, true);
    state([0, 0, 0, 0], [0, 0.9]);
    button(7, false);
    expect(port.take()).toEqual(['button 1 down']);
    state([0, 0, 0, 0], [0, 0.2]);
    expect(port.take()).toEqual(['button 1 up']);
  });

  it('moves the pointer at its speed, and slower near the middle', () => {
    const { port, time, state } = mappedPad({ buttons: {}, rightStick: { pointerSpeed: 800 } });
    state([0, 0, 1, 0]);
    time.advance(1000);
    expect(movement(port.take())).toEqual([800, 0]);
    state([0, 0, 0, -0.5]);
    time.advance(1000);
    expect(movement(port.take())).toEqual([0, -200]);
  });

  it('has no timer while a stick rests', () => {
    const { time, state } = mappedPad({ buttons: {}, rightStick: { pointerSpeed: 800 } });
    expect(time.pendingTimers).toBe(0);
    state([0, 0, 0.1, 0]);
    state([0, 0, 0.2, 0]);
    expect(time.pendingTimers).toBe(1);
    state([0, 0, 0, 0]);
    expect(time.pendingTimers).toBe(0);
  });

  it('does not make the pointer leap after the machine was held up', () => {
    const { port, time, state } = mappedPad({ buttons: {}, rightStick: { pointerSpeed: 1000 } });
    state([0, 0, 1, 0]);
    time.stall(2000);
    time.advance(0);
    expect(movement(port.take())).toEqual([50, 0]);
  });

  it('lets go of everything as the pad is unplugged, and works when it is back', () => {
    const { pad, port, time, button, state } = mappedPad({
      buttons: { 0: { key: 'Space' }, 6: { key: 'KeyE' } },
      leftStick: WASD,
      rightStick: { pointerSpeed: 800 },
    });
    button(0, true);
    state([1, 0, 1, 0], [1, 0]);
    pad.handle({ type: 'pad-disconnected', seq: 1, pad: 0 });
    expect(port.keysDown.size).toBe(0);
    expect(time.pendingTimers).toBe(0);
    port.take();
    button(0, true);
    expect(port.take()).toEqual(['key 65 down']);
  });
});

describe('default mapping', () => {
  it.each([[['keyboard']], [['keyboard', 'mouse']], [['mouse']]] as const)(
    'is one that a manifest could have, for %j',
    (inputs) => {
      const mapping = defaultPadMapping([...inputs]);
      expect(padMappingSchema.parse(mapping)).toEqual(mapping);
    },
  );

  it('leaves the mouse alone in a game without one', () => {
    const mapping = defaultPadMapping(['keyboard', 'gamepad']);
    expect(JSON.stringify(mapping)).not.toMatch(/mouse|pointerSpeed/);
    expect(mapping.buttons['0']).toEqual({ key: 'Space' });
  });

  it('does nothing in a game that has pads alone', () => {
    expect(defaultPadMapping(['gamepad'])).toEqual({ buttons: {} });
  });
});

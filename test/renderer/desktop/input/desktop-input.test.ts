import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_CODES } from '../../../../protocol/key-codes.ts';
import {
  DesktopInput,
  type DesktopInputOptions,
} from '../../../../renderer/desktop/input/desktop-input.ts';
import type { PadInput } from '../../../../renderer/desktop/input/pad-output.ts';
import type { GameInput } from '../../../../renderer/game-runtime.ts';
import { VirtualTime } from '../../../../renderer/virtual-time.ts';
import { FakeXPort } from '../../../support/fake-x-port.ts';

const RESOLUTION = { width: 1280, height: 720 };
const ORIGIN = { seq: 1, x: 0, y: 0 };

async function desktopInput(
  manifest: Partial<DesktopInputOptions['manifest']> = {},
  pads?: DesktopInputOptions['pads'],
) {
  const port = new FakeXPort();
  const time = new VirtualTime();
  const input = await DesktopInput.open({
    port,
    resolution: RESOLUTION,
    manifest: { inputs: ['keyboard', 'mouse'], pointerLock: false, ...manifest },
    time: { clock: time, scheduler: time },
    ...(pads ? { pads } : {}),
  });
  return { input, port, time };
}

const seq = fc.integer({ min: 1, max: 1000 });
const pad = fc.integer({ min: 0, max: 3 });
const position = fc.integer({ min: 0, max: 65_535 });
const axis = fc.double({ min: -1, max: 1, noNaN: true });
const trigger = fc.double({ min: 0, max: 1, noNaN: true });
const anyInput: fc.Arbitrary<GameInput> = fc.oneof(
  fc.record({
    type: fc.constant('key' as const),
    seq,
    down: fc.boolean(),
    code: fc.constantFrom('KeyW' as const, 'CapsLock' as const, ...KEY_CODES),
  }),
  fc.record({
    type: fc.constant('button' as const),
    seq,
    down: fc.boolean(),
    button: fc.integer({ min: 0, max: 7 }),
    x: position,
    y: position,
  }),
  fc.record({
    type: fc.constant('wheel' as const),
    seq,
    dx: fc.integer({ min: -500, max: 500 }),
    dy: fc.integer({ min: -500, max: 500 }),
  }),
  fc.record({ type: fc.constant('text' as const), seq, text: fc.string({ unit: 'grapheme' }) }),
  fc.record({ type: fc.constant('release-all' as const), seq }),
  fc.record({
    type: fc.constantFrom('pad-connected' as const, 'pad-disconnected' as const),
    seq,
    pad,
  }),
  fc.record({
    type: fc.constant('pad-button' as const),
    seq,
    pad,
    button: fc.integer({ min: 0, max: 16 }),
    down: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('pad-state' as const),
    pad,
    axes: fc.tuple(axis, axis, axis, axis),
    triggers: fc.tuple(trigger, trigger),
  }),
  fc.record({
    type: fc.constant('pointer-move' as const),
    x: position,
    y: position,
    dx: fc.integer({ min: -100, max: 100 }),
    dy: fc.integer({ min: -100, max: 100 }),
  }),
);

describe('desktop input', () => {
  it('leaves nothing down and no timer after any inputs and a release of all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyInput, fc.integer({ min: 0, max: 20 })), { maxLength: 60 }),
        fc.boolean(),
        async (inputs, pointerLock) => {
          const { input, port, time } = await desktopInput({ pointerLock });
          for (const [each, waitMs] of inputs) {
            input.handle(each);
            time.advance(waitMs);
          }
          input.handle({ type: 'release-all', seq: 1 });
          expect([...port.keysDown, ...port.buttonsDown]).toEqual([]);
          expect(time.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes keys again after a release of all', async () => {
    const { input, port } = await desktopInput();
    input.handle({ type: 'key', seq: 1, down: true, code: 'KeyW' });
    input.handle({ type: 'release-all', seq: 2 });
    input.handle({ type: 'key', seq: 3, down: false, code: 'KeyW' });
    input.handle({ type: 'key', seq: 4, down: true, code: 'KeyW' });
    expect(port.take()).toEqual(['key 25 down', 'key 25 up', 'key 25 down']);
  });

  it('says each edge once, however often it is told', async () => {
    const { input, port } = await desktopInput();
    for (const down of [false, true, true, false, false]) {
      input.handle({ type: 'key', seq: 1, down, code: 'ArrowUp' });
    }
    expect(port.take()).toEqual(['key 111 down', 'key 111 up']);
  });

  it('holds a key until keyboard and pad have both let it go', async () => {
    const { input, port } = await desktopInput();
    input.handle({ type: 'key', seq: 1, down: true, code: 'Space' });
    input.handle({ type: 'pad-button', seq: 2, pad: 0, button: 0, down: true });
    input.handle({ type: 'key', seq: 3, down: false, code: 'Space' });
    expect(port.take()).toEqual(['key 65 down']);
    input.handle({ type: 'pad-button', seq: 4, pad: 0, button: 0, down: false });
    expect(port.take()).toEqual(['key 65 up']);
  });

  it('puts the pointer where a button was pressed before pressing it', async () => {
    const { input, port } = await desktopInput();
    input.handle({ type: 'button', seq: 1, down: true, button: 2, x: 32_768, y: 65_535 });
    expect(port.take()).toEqual(['to 640 719', 'button 3 down']);
  });

  it('moves by what a locked pointer moved, and nowhere else', async () => {
    const { input, port } = await desktopInput({ pointerLock: true });
    input.handle({ type: 'pointer-move', x: 100, y: 100, dx: 7, dy: -3 });
    input.handle({ type: 'pointer-move', x: 200, y: 200, dx: 0, dy: 0 });
    input.handle({ ...ORIGIN, type: 'button', down: true, button: 0 });
    expect(port.take()).toEqual(['by 7 -3', 'button 1 down']);
  });

  it('counts positions in the display as it is now', async () => {
    const { input, port } = await desktopInput();
    input.setDisplaySize({ width: 640, height: 360 });
    input.handle({ type: 'pointer-move', x: 32_768, y: 65_535, dx: 0, dy: 0 });
    expect(port.take()).toEqual(['to 320 359']);
  });

  it('gives pads to the gamepads of the machine where there are some', async () => {
    const handled: PadInput[] = [];
    let closed = 0;
    const pads = {
      handle: (input: PadInput) => void handled.push(input),
      releaseAll: () => undefined,
      close: async () => void closed++,
    };
    const { input, port } = await desktopInput({}, pads);
    const press = { type: 'pad-button', seq: 1, pad: 2, button: 0, down: true } as const;
    input.handle(press);
    expect(handled).toEqual([press]);
    expect(port.take()).toEqual([]);
    await Promise.all([input.close(), input.close()]);
    expect(closed).toBe(1);
  });

  it('lets everything go when closed and takes nothing afterwards', async () => {
    const { input, port } = await desktopInput();
    input.handle({ type: 'key', seq: 1, down: true, code: 'KeyW' });
    await input.close();
    input.handle({ type: 'key', seq: 2, down: true, code: 'KeyS' });
    expect(port.take()).toEqual(['key 25 down', 'key 25 up']);
  });
});

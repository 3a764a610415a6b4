import { describe, expect, it } from 'vitest';
import type { GameInput } from '../../../renderer/game-runtime.ts';
import { InputTracker } from '../../../renderer/input-state.ts';
import { OWNER, SharedInputs } from '../../../server/session/shared-inputs.ts';

const GUEST = 'guest';

/** The inputs of a session, what reached its game, and the game's own view of what is held. */
function open() {
  const delivered: { input: GameInput; receivedUs: number }[] = [];
  const tracker = new InputTracker();
  const inputs = new SharedInputs((input, receivedUs) => {
    delivered.push({ input, receivedUs });
    tracker.apply(input);
  });
  const key = (source: string, seq: number, down: boolean, receivedUs = seq * 1000) =>
    inputs.handle(source, { type: 'key', seq, down, code: 'KeyW' }, receivedUs);
  return { inputs, delivered, tracker, key };
}

describe('SharedInputs', () => {
  it('passes on what one person does as it is', () => {
    const { inputs, delivered } = open();
    const done: GameInput[] = [
      { type: 'key', seq: 1, down: true, code: 'KeyA' },
      { type: 'pointer-move', x: 5, y: 6, dx: 1, dy: 1 },
      { type: 'pad-connected', seq: 2, pad: 0 },
      { type: 'pad-button', seq: 3, pad: 0, button: 4, down: true },
      { type: 'text', seq: 4, text: 'hello' },
      { type: 'release-all', seq: 5 },
      { type: 'pad-disconnected', seq: 6, pad: 0 },
    ];
    for (const input of done) inputs.handle(OWNER, input, 9);
    expect(delivered.map(({ input }) => input)).toEqual(done);
  });

  it('lets a key go when the last of those who hold it does', () => {
    const { key, tracker, delivered } = open();
    key(OWNER, 1, true);
    key(GUEST, 1, true);
    key(OWNER, 2, false);
    expect(tracker.isDown('KeyW')).toBe(true);
    // The player's page learns that its input was taken in, all the same.
    expect(delivered.at(-1)?.input).toMatchObject({ seq: 2 });
    key(GUEST, 2, false);
    expect(tracker.isDown('KeyW')).toBe(false);
  });

  it("accounts for a guest's input under the player's last number and time", () => {
    const { key, delivered } = open();
    key(OWNER, 7, true);
    key(GUEST, 3, true, 99_000);
    expect(delivered.at(-1)).toEqual({
      input: { type: 'key', seq: 7, down: true, code: 'KeyW' },
      receivedUs: 7_000,
    });
  });

  it('lets go of what a guest holds when they leave, and of nothing else', () => {
    const { inputs, key, tracker } = open();
    key(OWNER, 1, true);
    key(GUEST, 1, true);
    inputs.handle(GUEST, { type: 'key', seq: 2, down: true, code: 'KeyD' }, 0);
    inputs.handle(GUEST, { type: 'button', seq: 3, down: true, button: 0, x: 1, y: 2 }, 0);
    inputs.handle(GUEST, { type: 'pad-button', seq: 4, pad: 1, button: 0, down: true }, 0);
    const stick: GameInput = { type: 'pad-state', pad: 1, axes: [1, 0, 0, 0], triggers: [0, 0] };
    inputs.handle(GUEST, stick, 0);
    inputs.handle(OWNER, { type: 'pad-button', seq: 2, pad: 0, button: 0, down: true }, 0);
    inputs.remove(GUEST);
    expect(tracker.isDown('KeyW')).toBe(true);
    expect(tracker.isDown('KeyD')).toBe(false);
    expect(tracker.isButtonDown(0)).toBe(false);
    expect([...tracker.pads.keys()]).toEqual([0]);
    expect(tracker.pads.get(0)?.isDown(0)).toBe(true);
    expect(tracker.lostFocus).toBe(false);
  });

  it('keeps a pad that the player has plugged in too', () => {
    const { inputs, tracker } = open();
    inputs.handle(OWNER, { type: 'pad-connected', seq: 1, pad: 1 }, 0);
    inputs.handle(GUEST, { type: 'pad-button', seq: 1, pad: 1, button: 3, down: true }, 0);
    inputs.remove(GUEST);
    expect(tracker.pads.get(1)?.isDown(3)).toBe(false);
  });

  it("keeps what guests hold when the player's focus is lost", () => {
    const { inputs, key, tracker } = open();
    key(OWNER, 1, true);
    inputs.handle(GUEST, { type: 'pad-button', seq: 1, pad: 1, button: 0, down: true }, 0);
    inputs.handle(OWNER, { type: 'release-all', seq: 2 }, 0);
    expect(tracker.isDown('KeyW')).toBe(false);
    expect(tracker.pads.get(1)?.isDown(0)).toBe(true);
    expect(tracker.lostFocus).toBe(false);
  });

  it('tells the game of a lost focus where nobody else holds anything', () => {
    const { inputs, key, tracker, delivered } = open();
    inputs.handle(GUEST, { type: 'pad-connected', seq: 1, pad: 1 }, 0);
    key(OWNER, 1, true);
    inputs.releaseAll(OWNER);
    expect(delivered.at(-1)?.input).toEqual({ type: 'release-all', seq: 1 });
    expect(tracker.isDown('KeyW')).toBe(false);
    expect(tracker.lostFocus).toBe(true);
  });

  it('says nothing to the game of a guest who held nothing', () => {
    const { inputs, delivered } = open();
    inputs.remove(GUEST);
    expect(delivered).toEqual([]);
  });
});

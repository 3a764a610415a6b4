import { expect, it } from 'vitest';
import { type InputEvent, inputScriptSchema, MAX_EVENTS, MAX_MS } from '../../gate/input-script.ts';
import { RecordedInput } from '../../gate/record/recorded-input.ts';

function key(atMs: number, down: boolean): InputEvent {
  return { type: 'key', atMs, code: 'KeyW', down };
}

/** A pointer that moves without rest, as often as it is noted. */
function moves(fromMs: number, count: number): InputEvent[] {
  return Array.from({ length: count }, (_, i) => ({
    type: 'pointer',
    atMs: fromMs + 8 * i,
    x: 0.5,
    y: 0.5,
  }));
}

it('joins what was done piece by piece, and lets go of what is held in the end', () => {
  const recorded = new RecordedInput();
  recorded.add({ events: [key(10, true)], releases: [key(500, false)], untold: [], lengthMs: 500 });
  recorded.add({
    events: moves(600, 1),
    releases: [key(1000, false)],
    untold: ['gamepad'],
    lengthMs: 1000,
  });
  expect(recorded.events).toEqual([key(10, true), ...moves(600, 1), key(1000, false)]);
  expect(recorded.untold).toEqual(['gamepad']);
  expect(recorded.lengthMs).toBe(1000);
});

it('is full before a script is, whatever comes with the next piece', () => {
  const recorded = new RecordedInput();
  const piece = 5000;
  let fromMs = 0;
  while (!recorded.isFull) {
    const lengthMs = fromMs + 8 * piece;
    const events = moves(fromMs, piece);
    recorded.add({ events, releases: [key(lengthMs, false)], untold: [], lengthMs });
    fromMs = lengthMs;
  }
  expect(recorded.events.length).toBeLessThanOrEqual(MAX_EVENTS);
  const { events } = recorded;
  expect(inputScriptSchema.safeParse({ kind: 'recorded', events }).success).toBe(true);
});

it('is full before the longest script ends', () => {
  const recorded = new RecordedInput();
  const piece = (lengthMs: number) => ({ events: [], releases: [], untold: [], lengthMs });
  recorded.add(piece(MAX_MS / 2));
  expect(recorded.isFull).toBe(false);
  recorded.add(piece(MAX_MS - 5000));
  expect(recorded.isFull).toBe(true);
});

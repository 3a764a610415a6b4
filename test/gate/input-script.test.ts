import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InputEvent, inputEvents, inputScriptSchema } from '../../gate/input-script.ts';
import { SeededRandom } from '../../gate/network/seeded-random.ts';

function presses(leastMs: number, mostMs: number, heldMs = 40) {
  return inputScriptSchema.parse({ kind: 'presses', code: 'KeyF', heldMs, leastMs, mostMs });
}

function eventsOf(script: unknown, durationMs: number, seed = 1): InputEvent[] {
  const random = new SeededRandom(seed);
  return [...inputEvents(inputScriptSchema.parse(script), durationMs, () => random.next())];
}

describe('presses', () => {
  it('are one after another, each let go before the next, and all over by the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 50, max: 300 }),
        (seed, least) => {
          const events = eventsOf(presses(least, least + 100), 5000, seed);
          expect(events.length).toBeGreaterThan(0);
          expect(events.length % 2).toBe(0);
          let lastMs = 0;
          for (const [i, event] of events.entries()) {
            expect(event).toMatchObject({ type: 'key', code: 'KeyF', down: i % 2 === 0 });
            expect(event.atMs).toBeGreaterThanOrEqual(lastMs);
            lastMs = event.atMs;
          }
          expect(lastMs).toBeLessThanOrEqual(5000);
        },
      ),
    );
  });

  it('come at the same times for the same seed, and at others for another', () => {
    const times = (seed: number) => eventsOf(presses(80, 200), 3000, seed).map(({ atMs }) => atMs);
    expect(times(7)).toEqual(times(7));
    expect(times(7)).not.toEqual(times(8));
  });

  it('are refused where one would be held into the next', () => {
    expect(() => presses(30, 200, 40)).toThrow('heldMs < leastMs');
  });
});

describe('a recorded script', () => {
  const events = [
    { type: 'key', atMs: 100, code: 'KeyW', down: true },
    { type: 'pointer', atMs: 150, x: 0.25, y: 1 },
    { type: 'key', atMs: 300, code: 'KeyW', down: false },
  ];

  it('is played once, up to the end of the run', () => {
    expect(eventsOf({ kind: 'recorded', events }, 10_000)).toEqual(events);
    expect(eventsOf({ kind: 'recorded', events }, 200)).toEqual(events.slice(0, 2));
  });

  it('begins again where it says so', () => {
    const played = eventsOf({ kind: 'recorded', repeatAfterMs: 1000, events }, 2200);
    expect(played.map(({ atMs }) => atMs)).toEqual([100, 150, 300, 1100, 1150, 1300, 2100, 2150]);
  });

  it.each([
    ['is out of order', { events: events.toReversed() }, 'in the order'],
    ['is not over when it begins again', { events, repeatAfterMs: 200 }, 'must be over'],
    ['is empty', { events: [] }, 'events'],
    [
      'presses a key that there is not',
      { events: [{ ...events[0], code: 'KeyÄ' }] },
      'is no key such as',
    ],
    [
      'points beyond the picture',
      { events: [{ type: 'pointer', atMs: 0, x: 1.1, y: 0 }] },
      'Too big',
    ],
  ])('is refused where it %s', (_why, script, words) => {
    expect(() => inputScriptSchema.parse({ kind: 'recorded', ...script })).toThrow(words);
  });
});

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Capacity } from '../../../protocol/capacity.ts';
import { type SessionId, sessionIdSchema } from '../../../protocol/ids.ts';
import { SessionRoom, type SessionRoomOptions } from '../../../server/agent/session-room.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const CAPACITY: Capacity = {
  pixelsPerSecond: 100,
  cpus: 4,
  memoryBytes: 1000,
  gpuMemoryBytes: 0,
};
const SMALL: Capacity = { pixelsPerSecond: 40, cpus: 1, memoryBytes: 100, gpuMemoryBytes: 0 };

const newId = (): SessionId => sessionIdSchema.parse(randomUUID());
const noRoom = expect.objectContaining({ code: 'no-free-slot' });

let timers: ManualTimers;
let changes: number;
beforeEach(() => {
  timers = new ManualTimers();
  changes = 0;
});

function open(overrides: Partial<SessionRoomOptions> = {}): SessionRoom {
  return new SessionRoom({
    capacity: CAPACITY,
    slots: 8,
    availableMemoryBytes: () => 1000,
    after: (delayMs, task) => timers.after(delayMs, task),
    handleChange: () => {
      changes++;
    },
    ...overrides,
  });
}

describe('SessionRoom', () => {
  it('takes sessions until one part of the capacity is used up', () => {
    const room = open();
    room.begin(newId(), SMALL);
    room.begin(newId(), SMALL);
    expect(room.free).toEqual({ ...CAPACITY, pixelsPerSecond: 20, cpus: 2, memoryBytes: 800 });
    expect(() => room.begin(newId(), SMALL)).toThrow(noRoom);
    room.begin(newId(), { ...SMALL, pixelsPerSecond: 20 });
    expect(changes).toBe(3);
  });

  it('counts a picture as often as it is encoded, and knows whether once more fits', () => {
    const room = open();
    const [one, other] = [newId(), newId()];
    room.begin(one, SMALL);
    expect(room.canEncodeAnother(one)).toBe(true);
    room.handleEncodings(one, 2);
    expect(room.free).toEqual({ ...CAPACITY, pixelsPerSecond: 20, cpus: 3, memoryBytes: 900 });
    expect(room.canEncodeAnother(one)).toBe(false);
    expect(() => room.begin(other, SMALL)).toThrow(noRoom);
    room.handleEncodings(one, 1);
    room.begin(other, SMALL);
    expect(room.canEncodeAnother(newId())).toBe(false);
  });

  it('never takes more sessions than it has slots, and gives each its own', () => {
    const room = open({ slots: 2 });
    const tiny = { ...SMALL, pixelsPerSecond: 1 };
    const [first, second] = [newId(), newId()];
    expect(room.begin(first, tiny)).toBe(0);
    expect(room.begin(second, tiny)).toBe(1);
    expect(room.freeSlots).toBe(0);
    expect(() => room.begin(newId(), tiny)).toThrow(noRoom);
    room.release(first);
    expect(room.begin(newId(), tiny)).toBe(0);
  });

  it('goes by the memory that is really left', () => {
    const room = open({ availableMemoryBytes: () => 99 });
    expect(() => room.begin(newId(), SMALL)).toThrow(noRoom);
  });

  it('keeps what is reserved for the session it is reserved for', () => {
    const room = open({ slots: 1 });
    const id = newId();
    room.reserve(id, SMALL, 20_000);
    expect(room.isReserved(id)).toBe(true);
    expect(() => room.begin(newId(), SMALL)).toThrow(noRoom);
    expect(room.begin(id, SMALL)).toBe(0);
    expect(room.isReserved(id)).toBe(false);
    timers.advance(20_000);
    expect(room.freeSlots).toBe(0);
  });

  it('forgets a reservation when its time is over', () => {
    const room = open({ slots: 1 });
    room.reserve(newId(), SMALL, 20_000);
    timers.advance(19_999);
    expect(room.isEmpty).toBe(false);
    timers.advance(1);
    expect(room.isEmpty).toBe(true);
    expect(changes).toBe(2);
  });

  it('takes a session once', () => {
    const room = open();
    const id = newId();
    room.begin(id, SMALL);
    expect(() => room.begin(id, SMALL)).toThrow(noRoom);
    expect(() => room.reserve(id, SMALL, 1)).toThrow(noRoom);
  });

  it('never gives more than there is, and all of it back, whatever the order', () => {
    const session = fc.integer({ min: 0, max: 5 });
    const needs = fc.record({
      pixelsPerSecond: fc.integer({ min: 1, max: 100 }),
      cpus: fc.integer({ min: 0, max: 4 }),
      memoryBytes: fc.integer({ min: 0, max: 1000 }),
      gpuMemoryBytes: fc.constant(0),
    });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('reserve' as const), session, needs }),
      fc.record({ kind: fc.constant('begin' as const), session, needs }),
      fc.record({ kind: fc.constant('release' as const), session }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        timers = new ManualTimers();
        const ids = Array.from({ length: 6 }, newId);
        const idOf = (index: number) => ids[index] ?? newId();
        const taken = new Map<SessionId, { needs: Capacity; untilMs: number }>();
        const room = open({ slots: 3 });
        for (const one of steps) {
          if (one.kind === 'wait') {
            timers.advance(one.ms);
            for (const [id, { untilMs }] of taken) if (untilMs <= timers.nowMs()) taken.delete(id);
            continue;
          }
          const id = idOf(one.session);
          if (one.kind === 'release') {
            room.release(id);
            taken.delete(id);
            continue;
          }
          try {
            if (one.kind === 'reserve') room.reserve(id, one.needs, 20);
            else room.begin(id, one.needs);
          } catch {
            continue;
          }
          const untilMs = one.kind === 'reserve' ? timers.nowMs() + 20 : Number.POSITIVE_INFINITY;
          taken.set(id, { needs: taken.get(id)?.needs ?? one.needs, untilMs });
        }
        const sum = (part: keyof Capacity) =>
          [...taken.values()].reduce((total, { needs: n }) => total + n[part], 0);
        expect(taken.size).toBeLessThanOrEqual(3);
        expect(room.freeSlots).toBe(3 - taken.size);
        for (const part of ['pixelsPerSecond', 'cpus'] as const) {
          expect(sum(part)).toBeLessThanOrEqual(CAPACITY[part]);
          expect(room.free[part]).toBe(CAPACITY[part] - sum(part));
        }
        for (const id of ids) room.release(id);
        expect(room.free).toEqual(CAPACITY);
      }),
      { numRuns: 500 },
    );
  });
});

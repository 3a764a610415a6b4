import { beforeEach, describe, expect, it } from 'vitest';
import { type InputEvent, inputEventSchema } from '../../gate/input-script.ts';
import { PointerRecorder } from '../../gate/page/pointer-recorder.ts';

let noted: InputEvent[];
let recorder: PointerRecorder;
let seq: number;
beforeEach(() => {
  noted = [];
  seq = 0;
  recorder = new PointerRecorder((event) => noted.push(event));
  recorder.start();
});

function place(x: number, y: number, atMs: number): void {
  recorder.handle({ type: 'pointer', seq: ++seq, x, y, sumX: 0, sumY: 0 }, atMs);
}

function move(sumX: number, sumY: number, atMs: number): void {
  recorder.handle({ type: 'pointer', seq: ++seq, x: 0, y: 0, sumX, sumY }, atMs);
}

function movements(): number[][] {
  return noted.flatMap((event) => (event.type === 'movement' ? [[event.dx, event.dy]] : []));
}

describe('a pointer that is free', () => {
  it('is noted where it is, and where it was last before anything else happens', () => {
    place(0, 0, 0);
    place(32_768, 0, 3);
    place(65_535, 65_535, 5);
    expect(noted).toEqual([{ type: 'pointer', atMs: 0, x: 0, y: 0 }]);
    recorder.flush();
    expect(noted[1]).toEqual({ type: 'pointer', atMs: 5, x: 1, y: 1 });
    recorder.flush();
    expect(noted).toHaveLength(2);
  });

  it('is not noted where it did not move', () => {
    place(10_000, 10_000, 0);
    place(10_000, 10_000, 100);
    recorder.flush();
    expect(noted).toHaveLength(1);
  });
});

describe('a pointer that is captured', () => {
  it('loses nothing of its way, however quickly it comes', () => {
    move(3, -1, 0);
    move(5, -2, 2);
    move(9, -2, 4);
    move(20, 0, 9);
    recorder.flush();
    expect(
      movements().reduce(([x = 0, y = 0], [dx = 0, dy = 0]) => [x + dx, y + dy], [0, 0]),
    ).toEqual([20, 0]);
    expect(noted.filter(({ type }) => type === 'movement')).toHaveLength(2);
  });

  it('goes on where the sum of its way wraps, and where a new connection counts anew', () => {
    move(2 ** 31 - 1, 0, 0);
    move(-(2 ** 31) + 1, 0, 20);
    seq = 0;
    move(7, 7, 40);
    expect(movements().slice(1)).toEqual([
      [2, 0],
      [7, 7],
    ]);
    // Farther than any script has it: what no mouse does is no reason to lose what was recorded.
    for (const event of noted) expect(inputEventSchema.safeParse(event).success).toBe(true);
  });
});

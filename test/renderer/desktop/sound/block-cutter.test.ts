import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockCutter } from '../../../../renderer/desktop/sound/block-cutter.ts';

const BLOCK_BYTES = 480 * 2 * 4;

/** Samples that name themselves: number `first`, `first + 1`, … in units of 2⁻²⁰. */
function ramp(blocks: number, first = 0): Uint8Array {
  const samples = Float32Array.from({ length: blocks * 960 }, (_, i) => (first + i) / 2 ** 20);
  return new Uint8Array(samples.buffer);
}

function blockCutter() {
  const blocks: { readonly first: number; readonly last: number; readonly dueMs: number }[] = [];
  const memory = new Set<Float32Array>();
  const cutter = new BlockCutter(({ samples, dueUs }) => {
    memory.add(samples);
    expect(samples).toHaveLength(960);
    const [first = Number.NaN, last = Number.NaN] = [samples[0], samples[959]];
    blocks.push({ first: first * 2 ** 20, last: last * 2 ** 20, dueMs: dueUs / 1000 });
  });
  return {
    blocks,
    memory,
    cutter,
    dueMs: () => blocks.map((block) => block.dueMs),
    numbers: () => blocks.map((block) => block.first / 960),
    /** Lets whole blocks come at a time, counted in blocks from 0. */
    come: (from: number, to: number, atMs: number) =>
      cutter.cut(ramp(to - from, from * 960), atMs * 1000),
  };
}

describe('block cutter', () => {
  it('cuts whatever pieces come into whole blocks, without a sample lost or moved', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 * BLOCK_BYTES }), { minLength: 1, maxLength: 30 }),
        (lengths) => {
          const { cutter, blocks, memory } = blockCutter();
          const stream = ramp(92);
          let taken = 0;
          // At the pace of the clock, each piece when its last byte is there: none is too late.
          for (const length of [BLOCK_BYTES, ...lengths]) {
            const end = taken + length;
            cutter.cut(stream.subarray(taken, end), (end / BLOCK_BYTES) * 10_000);
            taken = end;
          }
          const whole = Math.floor(taken / BLOCK_BYTES);
          expect(blocks.map(({ first, last }) => [first, last])).toEqual(
            Array.from({ length: whole }, (_, i) => [i * 960, i * 960 + 959]),
          );
          expect(memory.size).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('keeps blocks 10 ms apart while they come a little early or late', () => {
    const { come, dueMs } = blockCutter();
    for (const [i, jitterMs] of [0, 3, -4, 10, 0, -9, 25, 12].entries()) {
      come(i, i + 1, 1000 + i * 10 + jitterMs);
    }
    expect(dueMs()).toEqual([1000, 1010, 1020, 1030, 1040, 1050, 1060, 1070]);
  });

  it('skips what came too late after a stall, but for three blocks', () => {
    const { come, numbers, dueMs } = blockCutter();
    come(0, 1, 0);
    come(1, 51, 500);
    come(51, 52, 510);
    expect(numbers()).toEqual([0, 47, 48, 49, 50, 51]);
    expect(dueMs()).toEqual([0, 470, 480, 490, 500, 510]);
  });

  it('skips it as well when the daemon was stalled and catches up piece by piece', () => {
    const { come, numbers } = blockCutter();
    come(0, 1, 0);
    for (let i = 1; i <= 50; i++) come(i, i + 1, 500 + i / 10);
    come(51, 52, 510);
    expect(numbers()).toEqual([0, 48, 49, 50, 51]);
  });

  it('takes what comes as due when the sound between was lost', () => {
    const { come, numbers, dueMs } = blockCutter();
    come(0, 1, 0);
    // 400 ms are gone: the stream goes on with block 1, always 400 ms behind.
    for (let i = 1; i <= 15; i++) come(i, i + 1, 400 + i * 10);
    expect(numbers()).toEqual([0, 11, 12, 13, 14, 15]);
    expect(dueMs()).toEqual([0, 510, 520, 530, 540, 550]);
  });

  it('skips nothing of what is played after a rest', () => {
    const { come, numbers, dueMs } = blockCutter();
    come(0, 1, 0);
    for (let i = 1; i <= 4; i++) come(i, i + 1, 60_003 + i * 10);
    expect(numbers()).toEqual([0, 1, 2, 3, 4]);
    expect(dueMs()).toEqual([0, 60_010, 60_020, 60_030, 60_040]);
  });

  it('skips what was held up together with the first block, and never goes back in time', () => {
    const { come, numbers, dueMs } = blockCutter();
    come(0, 5, 100);
    come(5, 6, 110);
    come(6, 7, 120);
    expect(numbers()).toEqual([0, 1, 5, 6]);
    expect(dueMs()).toEqual([100, 110, 120, 130]);
  });

  it('keeps every block a whole number of them after the last, however the pieces come', () => {
    const most = 20;
    const silence = new Uint8Array(most * BLOCK_BYTES);
    const pieces = fc.array(
      fc.record({ blocks: fc.integer({ min: 1, max: most }), afterMs: fc.nat({ max: 2_500 }) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(pieces, (come) => {
        const dueMs: number[] = [];
        const cutter = new BlockCutter(({ dueUs }) => dueMs.push(dueUs / 1000));
        let nowMs = 0;
        for (const { blocks, afterMs } of come) {
          nowMs += afterMs;
          cutter.cut(silence.subarray(0, blocks * BLOCK_BYTES), nowMs * 1000);
        }
        const steps = dueMs.slice(1).map((due, i) => due - (dueMs[i] ?? 0));
        expect(steps.filter((step) => step <= 0 || step % 10 !== 0)).toEqual([]);
      }),
    );
  });

  it('delivers nothing out of range, whatever a program plays', () => {
    const played = new Float32Array(960);
    played.set([2, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.25, -1]);
    let heard: number[] = [];
    const cutter = new BlockCutter(({ samples }) => {
      heard = [...samples.subarray(0, 8)];
    });
    cutter.cut(new Uint8Array(played.buffer), 0);
    expect(heard).toEqual([1, -1, 0, 1, -1, 0.25, -1, 0]);
  });
});

import { describe, expect, it } from 'vitest';
import { InputCopies } from '../../../../client/player/input/input-copies.ts';
import type { InputMessage } from '../../../../protocol/input-messages.ts';
import { MAX_COPIES } from '../../../../protocol/motion-messages.ts';
import { VirtualTime } from '../../../../renderer/virtual-time.ts';

function open() {
  const time = new VirtualTime();
  const sent: number[][] = [];
  const scheduler = {
    now: () => time.nowUs() / 1000,
    after: (delayMs: number, task: () => void) => time.after(delayMs, task),
  };
  const copies = new InputCopies(scheduler, (inputs) => {
    sent.push(inputs.map(({ seq }) => seq));
  });
  const edge = (seq: number): InputMessage => ({ type: 'key', seq, down: true, code: 'KeyW' });
  return { time, sent, copies, press: (seq: number) => copies.add(edge(seq)) };
}

describe('InputCopies', () => {
  it('repeats an edge until the worker has applied it', () => {
    const { time, sent, copies, press } = open();
    press(1);
    time.advance(50);
    expect(sent).toEqual([[1], [1]]);
    copies.handleApplied(1);
    time.advance(1000);
    expect(sent).toHaveLength(2);
    expect(time.pendingTimers).toBe(0);
  });

  it('sends no copy where the answer is quick', () => {
    const { time, sent, copies, press } = open();
    press(1);
    time.advance(15);
    copies.handleApplied(1);
    time.advance(1000);
    expect(sent).toEqual([]);
  });

  it('sends what waits oldest first, and only as much as a message may hold', () => {
    const { time, sent, copies, press } = open();
    for (let seq = 1; seq <= MAX_COPIES + 4; seq++) press(seq);
    copies.handleApplied(2);
    time.advance(20);
    expect(sent[0]?.[0]).toBe(3);
    expect(sent[0]).toHaveLength(MAX_COPIES);
  });

  it('repeats seldom what is missing for long, and gives up in the end', () => {
    const { time, sent, press } = open();
    press(1);
    time.advance(500);
    const urgent = sent.length;
    expect(urgent).toBeGreaterThan(20);
    time.advance(1000);
    expect(sent.length - urgent).toBeLessThanOrEqual(11);
    expect(sent.length - urgent).toBeGreaterThan(8);
    time.advance(20_000);
    expect(time.pendingTimers).toBe(0);
  });

  it('is quick again with the next edge', () => {
    const { time, sent, press } = open();
    press(1);
    time.advance(2000);
    sent.length = 0;
    press(2);
    time.advance(300);
    expect(sent.length).toBeGreaterThan(8);
    expect(sent.at(-1)).toEqual([1, 2]);
  });

  it('forgets everything with the connection', () => {
    const { time, sent, copies, press } = open();
    press(1);
    copies.clear();
    time.advance(100);
    expect(sent).toEqual([]);
    expect(time.pendingTimers).toBe(0);
  });
});

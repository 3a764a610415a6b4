import { beforeEach, describe, expect, it } from 'vitest';
import { LossHistory } from '../../../../server/transport/congestion/loss-history.ts';

describe('LossHistory', () => {
  let history: LossHistory;
  let seq: number;
  beforeEach(() => {
    history = new LossHistory();
    seq = 0;
  });

  function add(sentMs: number, received: boolean, at = seq++): void {
    history.add({
      seq: at,
      sentUs: sentMs * 1000,
      bytes: 1000,
      receivedUs: received ? sentMs * 1000 : undefined,
      probeId: undefined,
    });
  }

  it('counts only what had time to prove merely late', () => {
    for (let ms = 0; ms < 1000; ms += 10) add(ms, ms % 50 !== 0);
    expect(history.newest).toBe(9);
    expect(history.settled).toBe(7);
    expect(history.count(0)).toEqual({ packets: 80, lost: 16, heavySteps: 0 });
    expect(history.count(6)).toEqual({ packets: 20, lost: 4, heavySteps: 0 });
  });

  it('takes a loss back when the packet is received after all', () => {
    add(0, false);
    add(10, false);
    add(500, true);
    expect(history.count(0)).toMatchObject({ packets: 2, lost: 2 });
    add(0, true, 0);
    expect(history.count(0)).toMatchObject({ packets: 2, lost: 1 });
  });

  it('leaves out moments in which next to nothing arrived, but not more than half a second', () => {
    for (let ms = 0; ms < 2000; ms += 10) add(ms, ms < 500 || ms >= 800);
    expect(history.count(0)).toMatchObject({ lost: 0 });
    for (let ms = 2000; ms < 4000; ms += 10) add(ms, ms >= 3000);
    expect(history.count(0).lost).toBeGreaterThan(0);
  });

  it('marks moments that lost a quarter', () => {
    for (let ms = 0; ms < 1000; ms += 10) add(ms, ms % 30 !== 0);
    expect(history.count(0).heavySteps).toBe(8);
  });

  it('forgets what is long ago, and everything over a long pause', () => {
    add(0, false);
    for (let ms = 10; ms < 20_000; ms += 100) add(ms, true);
    expect(history.count(0).lost).toBe(0);
    add(90_000, false);
    add(90_500, true);
    expect(history.count(0)).toMatchObject({ packets: 1, lost: 1 });
    add(10, false);
    expect(history.count(0)).toMatchObject({ packets: 1, lost: 1 });
  });
});

import { describe, expect, it } from 'vitest';
import { AppliedInputs } from '../../../renderer/desktop/applied-inputs.ts';

describe('AppliedInputs', () => {
  it('shows no input before there was one', () => {
    expect(new AppliedInputs().shownAt(10)).toEqual({ seq: 0, receivedUs: 0 });
  });

  it('shows the last input that the display had before the picture was drawn', () => {
    const inputs = new AppliedInputs();
    inputs.handleApplied(3, 90, 100);
    inputs.handleApplied(4, 95, 100);
    inputs.handleApplied(5, 190, 200);
    expect(inputs.shownAt(99)).toMatchObject({ seq: 0 });
    expect(inputs.shownAt(150)).toMatchObject({ seq: 4, receivedUs: 95 });
    expect(inputs.shownAt(160)).toMatchObject({ seq: 4 });
    expect(inputs.shownAt(200)).toMatchObject({ seq: 5, receivedUs: 190 });
  });

  it('forgets the oldest while a program draws nothing, and still knows the newest', () => {
    const inputs = new AppliedInputs();
    for (let seq = 1; seq <= 10_000; seq++) inputs.handleApplied(seq, seq, seq);
    expect(inputs.shownAt(20_000)).toMatchObject({ seq: 10_000 });
  });
});

import { describe, expect, it } from 'vitest';
import { endDetailSchema, shortenDetail } from '../../protocol/session-state.ts';

describe('shortenDetail', () => {
  it('leaves what is short enough as it is', () => {
    expect(shortenDetail('It stopped.\nno water')).toBe('It stopped.\nno water');
    expect(shortenDetail('x'.repeat(2000))).toBe('x'.repeat(2000));
  });

  it('keeps the sentence and the end of what was printed', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`);
    const short = shortenDetail(['It stopped.', ...lines].join('\n'));
    expect(short).toMatch(/^It stopped\.\n…/);
    expect(short).toMatch(/line 498\nline 499$/);
    expect(short).toHaveLength(2000);
    expect(endDetailSchema.safeParse(short).success).toBe(true);
  });

  it('cuts a sentence that has no end', () => {
    expect(shortenDetail(`${'x'.repeat(1500)}\n${'y'.repeat(1500)}`)).toHaveLength(2000);
    expect(shortenDetail('z'.repeat(9000))).toBe('z'.repeat(2000));
  });
});

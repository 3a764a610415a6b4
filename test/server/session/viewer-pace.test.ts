import { describe, expect, it } from 'vitest';
import { ViewerPace } from '../../../server/session/viewer-pace.ts';

describe('ViewerPace', () => {
  it('calls a viewer behind after four seconds in a row, and not before', () => {
    const pace = new ViewerPace();
    for (let second = 0; second < 3; second++) expect(pace.handleSecond(60, 10)).toBe(false);
    expect(pace.handleSecond(60, 60)).toBe(false);
    for (let second = 0; second < 3; second++) expect(pace.handleSecond(60, 10)).toBe(false);
    expect(pace.behind).toBe(false);
    expect(pace.handleSecond(60, 10)).toBe(true);
    expect(pace.behind).toBe(true);
  });

  it('takes it back after three good seconds', () => {
    const pace = new ViewerPace();
    for (let second = 0; second < 4; second++) pace.handleSecond(60, 0);
    expect([1, 2, 3].map(() => pace.handleSecond(60, 58))).toEqual([false, false, true]);
    expect(pace.behind).toBe(false);
  });

  it('judges nobody by a game that stands still', () => {
    const pace = new ViewerPace();
    for (let second = 0; second < 10; second++) pace.handleSecond(0, 0);
    expect(pace.behind).toBe(false);
  });
});

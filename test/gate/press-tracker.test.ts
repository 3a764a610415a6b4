import { describe, expect, it } from 'vitest';
import { CountNumbering } from '../../gate/page/press-numbering.ts';
import { PressTracker } from '../../gate/page/press-tracker.ts';

function pictures(tracker: PressTracker) {
  let frameNumber = 0;
  return (inputSeq: number, bright: boolean | undefined, shownAtMs: number) => {
    frameNumber++;
    tracker.handlePicture({ mark: { frameNumber, inputSeq, nonce: 7 }, bright, shownAtMs });
  };
}

describe('PressTracker', () => {
  it('wants a first picture before any press, to know how the patch stands', () => {
    const tracker = new PressTracker();
    expect(tracker.waiting).toBe(true);
    pictures(tracker)(0, false, 10);
    expect(tracker.waiting).toBe(false);
  });

  it('credits a press to the first picture that names it and flips', () => {
    const tracker = new PressTracker();
    const show = pictures(tracker);
    show(0, false, 0);
    tracker.handlePress(1, 100);
    show(0, false, 110);
    show(1, true, 127);
    show(1, true, 144);
    expect(tracker.samples).toEqual([
      { inputSeq: 1, inputAtMs: 100, shownAtMs: 127, frameNumber: 3 },
    ]);
    expect(tracker.waiting).toBe(false);
  });

  it('counts a later edge, such as the release of the key, as showing the press too', () => {
    const tracker = new PressTracker();
    const show = pictures(tracker);
    show(0, false, 0);
    tracker.handlePress(1, 100);
    show(2, true, 150);
    expect(tracker.samples.map(({ shownAtMs }) => shownAtMs)).toEqual([150]);
  });

  it('does not believe a strip that the patch contradicts', () => {
    const tracker = new PressTracker();
    const show = pictures(tracker);
    show(0, false, 0);
    tracker.handlePress(1, 100);
    show(1, false, 120);
    expect(tracker.samples).toEqual([]);
    expect(tracker.contradictions).toBe(1);
    show(1, true, 137);
    expect(tracker.samples.map(({ shownAtMs }) => shownAtMs)).toEqual([137]);
  });

  it('believes no strip beside a patch that is neither bright nor dark', () => {
    const tracker = new PressTracker();
    const show = pictures(tracker);
    show(0, false, 0);
    tracker.handlePress(1, 100);
    show(1, undefined, 120);
    expect(tracker.samples).toEqual([]);
    expect(tracker.contradictions).toBe(1);
    show(1, true, 137);
    expect(tracker.samples.map(({ shownAtMs }) => shownAtMs)).toEqual([137]);
  });

  it('keeps presses that a stall joined in one picture, whichever way the patch ends up', () => {
    for (const bright of [false, true]) {
      const tracker = new PressTracker();
      const show = pictures(tracker);
      show(0, false, 0);
      tracker.handlePress(1, 100);
      tracker.handlePress(3, 200);
      show(4, bright, 500);
      expect(tracker.samples.map(({ inputSeq }) => inputSeq)).toEqual([1, 3]);
      expect(tracker.outstanding).toBe(0);
    }
  });
});

describe('PressTracker of a program that counts presses', () => {
  it('counts on from what the first picture shows', () => {
    const tracker = new PressTracker(new CountNumbering());
    const show = pictures(tracker);
    show(40, false, 0);
    tracker.handlePress(1, 100);
    // The release of the key is an input too, and no press.
    tracker.handlePress(3, 200);
    show(41, true, 120);
    show(42, false, 230);
    expect(tracker.samples).toEqual([
      { inputSeq: 1, inputAtMs: 100, shownAtMs: 120, frameNumber: 2 },
      { inputSeq: 3, inputAtMs: 200, shownAtMs: 230, frameNumber: 3 },
    ]);
  });

  it('does not follow a press before the first picture, which may show it or not', () => {
    const tracker = new PressTracker(new CountNumbering());
    const show = pictures(tracker);
    tracker.handlePress(1, 50);
    show(41, true, 60);
    tracker.handlePress(3, 100);
    show(42, false, 120);
    expect(tracker.samples.map(({ inputSeq }) => inputSeq)).toEqual([3]);
  });

  it('does not believe a count of presses that nobody made', () => {
    const tracker = new PressTracker(new CountNumbering());
    const show = pictures(tracker);
    show(0, false, 0);
    tracker.handlePress(1, 100);
    show(2, true, 120);
    expect(tracker.samples).toEqual([]);
    expect(tracker.contradictions).toBe(1);
  });
});

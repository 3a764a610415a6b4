import { describe, expect, it } from 'vitest';
import { placeTitle, waitSentence } from '../../../client/pages/waiting-words.ts';

const MINUTE_MS = 60_000;

describe('what is said of a wait', () => {
  it.each([
    [1, 'You are next in line'],
    [2, 'You are 2nd in line'],
    [3, 'You are 3rd in line'],
    [11, 'You are 11th in line'],
    [22, 'You are 22nd in line'],
    [113, 'You are 113th in line'],
  ])('names place %i', (position, title) => {
    expect(placeTitle(position)).toBe(title);
  });

  const say = (expectedWaitMs: number | undefined, waiting = 1, machines = 1) =>
    waitSentence('Skimmer', { position: 1, waiting, machines, expectedWaitMs, offer: undefined });

  it('says how long, as roughly as it is known', () => {
    expect(say(20_000)).toContain('less than a minute');
    expect(say(MINUTE_MS)).toContain('about a minute');
    expect(say(4.2 * MINUTE_MS)).toContain('about 4 minutes');
    expect(say(150 * MINUTE_MS)).toContain('about 3 hours');
    expect(say(undefined)).toContain('not known yet');
  });

  it('says who else waits, and whether there is a machine at all', () => {
    expect(say(undefined)).toMatch(/^Every place for Skimmer is taken. Nobody else waits./);
    expect(say(undefined, 3)).toContain('3 players wait.');
    expect(say(undefined, 1, 0)).toMatch(/^No machine that has Skimmer is here right now./);
  });
});

import { describe, expect, it } from 'vitest';
import { PROFILES, profileSchema, roundTripMs } from '../../../gate/network/profiles.ts';

function profileNamed(name: string) {
  const profile = PROFILES.get(name);
  if (!profile) throw new Error(`no profile ${name}`);
  return profile;
}

describe('PROFILES', () => {
  it.each([
    ['lan', 0, 1000],
    ['fibre', 24, 50],
    ['cable', 60, 20],
    ['wifi', 30, 30],
    ['lossy', 80, 10],
  ])('%s has a round trip of %d ms and %d Mbit/s', (name, rttMs, megabits) => {
    const profile = profileNamed(name);
    expect(roundTripMs(profile)).toBe(rttMs);
    expect(profile.down.rate).toMatchObject([{ bitrateBps: megabits * 1e6 }]);
  });

  it('varies lte between 3 and 12 Mbit/s', () => {
    const rates = profileNamed('lte').down.rate.map(({ bitrateBps }) => bitrateBps / 1e6);
    expect(rates).toHaveLength(80);
    expect(Math.min(...rates)).toBe(3);
    expect(Math.max(...rates)).toBe(12);
  });

  it('steps at 20 and 40 s', () => {
    expect(profileNamed('step').down.rate).toEqual([
      { durationMs: 20_000, bitrateBps: 8e6 },
      { durationMs: 20_000, bitrateBps: 2e6 },
      { durationMs: 20_000, bitrateBps: 8e6 },
    ]);
  });

  it('lets packets overtake on wifi alone', () => {
    const reordering = [...PROFILES.values()].filter(({ down }) => down.jitter.reorder);
    expect(reordering.map(({ name }) => name)).toEqual(['wifi']);
  });

  it('refuses a delay that jitter could make negative', () => {
    const wifi = profileNamed('wifi');
    const result = profileSchema.safeParse({ ...wifi, up: { ...wifi.up, delayMs: 14 } });
    expect(result.error?.issues).toMatchObject([
      { path: ['up'], message: 'no packet arrives before it left' },
    ]);
  });
});

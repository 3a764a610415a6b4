import { describe, expect, it } from 'vitest';
import {
  countOf,
  formatPixelRate,
  formatPrice,
  gpuSentence,
  loadSentence,
  readinessOf,
} from '../../../client/pages/pool-words.ts';
import type { PooledContainer } from '../../../protocol/pool-report.ts';

function machine(overrides: Partial<PooledContainer> = {}): PooledContainer {
  return {
    name: 'attic',
    state: 'standby',
    gpu: { kind: 'none', description: '' },
    encoders: [],
    sessions: 0,
    freePlaces: 1,
    pricePerHour: 0,
    joinedAtMs: 0,
    recent: null,
    ...overrides,
  };
}

describe('what the pool says of a machine', () => {
  it('is open only while there is a place', () => {
    expect(readinessOf(machine())).toEqual({ label: 'Open', tone: 'open' });
    expect(readinessOf(machine({ freePlaces: 0 }))).toEqual({ label: 'Full', tone: 'full' });
  });

  it('says another word for each state in which nobody can come', () => {
    const states = ['busy', 'draining', 'joining', 'quarantined'] as const;
    const labels = states.map((state) => readinessOf(machine({ state })).label);
    expect(labels).toEqual(['Full', 'Leaving', 'Joining', 'Resting']);
  });

  it.each([
    [0, 1, 'Nobody plays · 1 place free'],
    [1, 0, '1 game being played · no place free'],
    [2, 3, '2 games being played · 3 places free'],
  ])('counts %d games and %d places in words', (sessions, freePlaces, words) => {
    expect(loadSentence(machine({ sessions, freePlaces }))).toBe(words);
  });

  it('names the kind of graphics, and what they are where that is known', () => {
    expect(gpuSentence(machine())).toBe('No graphics');
    const gpu = { kind: 'hardware', description: 'NVIDIA L4' } as const;
    expect(gpuSentence(machine({ gpu }))).toBe('GPU: NVIDIA L4');
  });

  it.each([
    [0, 'Free'],
    [2.5, '2.5 an hour'],
    [0.333333, '0.333 an hour'],
    [120, '120 an hour'],
  ])('puts a price of %d as "%s"', (price, words) => {
    expect(formatPrice(price)).toBe(words);
  });

  it.each([
    [9.46e6, '9.5 Mpx/s'],
    [9.96e6, '10 Mpx/s'],
    [1.2345e9, '1,235 Mpx/s'],
  ])('puts %d pixels a second as "%s"', (pixelsPerSecond, words) => {
    expect(formatPixelRate(pixelsPerSecond)).toBe(words);
  });

  it('counts one and many', () => {
    expect(countOf(1, 'machine')).toBe('1 machine');
    expect(countOf(1200, 'machine')).toBe('1,200 machines');
  });
});

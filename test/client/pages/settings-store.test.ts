import { describe, expect, it } from 'vitest';
import {
  DEFAULT_SETTINGS,
  parseSettings,
  SettingsStore,
} from '../../../client/pages/settings-store.ts';

function memoryStorage() {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

describe('parseSettings', () => {
  it('gives the defaults where nothing was stored', () => {
    expect(parseSettings(null)).toEqual(DEFAULT_SETTINGS);
  });

  it.each(['', '{', 'null', '[]', '"text"', '42'])('gives the defaults for %j', (text) => {
    expect(parseSettings(text)).toEqual(DEFAULT_SETTINGS);
  });

  it('keeps the good fields beside a bad one', () => {
    const stored = {
      stream: {
        resolution: { width: 640, height: 360 },
        frameRate: 59,
        maxBitrateBps: 5_000_000,
        codec: 'vp9',
      },
      volume: 7,
      muted: true,
    };
    expect(parseSettings(JSON.stringify(stored))).toEqual({
      stream: {
        resolution: { width: 640, height: 360 },
        frameRate: DEFAULT_SETTINGS.stream.frameRate,
        maxBitrateBps: 5_000_000,
        codec: 'auto',
      },
      volume: DEFAULT_SETTINGS.volume,
      muted: true,
    });
  });

  it('ignores a resolution that is not on offer', () => {
    const stored = { stream: { resolution: { width: 1281, height: 720 } } };
    expect(parseSettings(JSON.stringify(stored)).stream.resolution).toBe('auto');
  });
});

describe('SettingsStore', () => {
  it('reads back in a later visit what was chosen in this one', () => {
    const storage = memoryStorage();
    new SettingsStore(() => storage).update({ volume: 0.4, muted: true });
    const later = new SettingsStore(() => storage).current.value;
    expect(later).toEqual({ ...DEFAULT_SETTINGS, volume: 0.4, muted: true });
  });

  it('works for the visit where the browser refuses storage', () => {
    const store = new SettingsStore(() => {
      throw new Error('denied');
    });
    store.update({ volume: 0.2 });
    expect(store.current.value.volume).toBe(0.2);
    expect(store.isFirstStart('skimmer')).toBe(true);
  });

  it('knows a game from its second start on, each game for itself', () => {
    const storage = memoryStorage();
    const store = new SettingsStore(() => storage);
    expect(store.isFirstStart('skimmer')).toBe(true);
    expect(store.isFirstStart('skimmer')).toBe(false);
    expect(store.isFirstStart('calibration')).toBe(true);
    expect(new SettingsStore(() => storage).isFirstStart('skimmer')).toBe(false);
  });
});

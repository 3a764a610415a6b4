import { type ReadonlySignal, signal } from '@preact/signals';
import { z } from 'zod';
import { DEFAULT_STREAM_SETTINGS, streamSettingsSchema } from '../../protocol/stream-settings.ts';

const DEFAULT_VOLUME = 1;

/*
 * A field that is missing or out of range (an older release, a curious hand) falls back alone and
 * leaves the others as they were chosen.
 */
const settingsSchema = z.object({
  stream: z
    .object({
      resolution: streamSettingsSchema.shape.resolution.catch(DEFAULT_STREAM_SETTINGS.resolution),
      frameRate: streamSettingsSchema.shape.frameRate.catch(DEFAULT_STREAM_SETTINGS.frameRate),
      maxBitrateBps: streamSettingsSchema.shape.maxBitrateBps.catch(
        DEFAULT_STREAM_SETTINGS.maxBitrateBps,
      ),
      codec: streamSettingsSchema.shape.codec.catch(DEFAULT_STREAM_SETTINGS.codec),
    })
    .catch(DEFAULT_STREAM_SETTINGS),
  /** 0 to 1. */
  volume: z.number().min(0).max(1).catch(DEFAULT_VOLUME),
  muted: z.boolean().catch(false),
});

/** What a person chose on this device. */
export type Settings = z.infer<typeof settingsSchema>;

export const DEFAULT_SETTINGS: Settings = {
  stream: DEFAULT_STREAM_SETTINGS,
  volume: DEFAULT_VOLUME,
  muted: false,
};

/** Reads stored settings; whatever cannot be used is the default. */
export function parseSettings(text: string | null): Settings {
  if (text === null) return DEFAULT_SETTINGS;
  try {
    return settingsSchema.parse(JSON.parse(text));
  } catch {
    return DEFAULT_SETTINGS;
  }
}

const SETTINGS_KEY = 'rockpool.settings';
const KNOWN_GAMES_KEY = 'rockpool.known-games';

type TextStorage = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * The settings and what this device remembers of its player. A browser that refuses storage
 * (blocked cookies, a full disk) costs the memory, not the session.
 */
export class SettingsStore {
  readonly #storage: () => TextStorage;
  readonly #current = signal<Settings>(DEFAULT_SETTINGS);

  /** @param storage - Called each time, because even reading `window.localStorage` may throw. */
  constructor(storage: () => TextStorage) {
    this.#storage = storage;
    this.#current.value = parseSettings(this.#read(SETTINGS_KEY));
  }

  get current(): ReadonlySignal<Settings> {
    return this.#current;
  }

  update(change: Partial<Settings>): void {
    this.#current.value = { ...this.#current.peek(), ...change };
    this.#write(SETTINGS_KEY, JSON.stringify(this.#current.peek()));
  }

  /** True the first time it is asked about a game on this device. */
  isFirstStart(gameId: string): boolean {
    const known = z
      .array(z.string())
      .catch([])
      .parse(parseJson(this.#read(KNOWN_GAMES_KEY)));
    if (known.includes(gameId)) return false;
    this.#write(KNOWN_GAMES_KEY, JSON.stringify([...known, gameId]));
    return true;
  }

  #read(key: string): string | null {
    try {
      return this.#storage().getItem(key);
    } catch {
      return null;
    }
  }

  #write(key: string, value: string): void {
    try {
      this.#storage().setItem(key, value);
    } catch {
      // Kept for this visit only; there is nothing the person could do about it here.
    }
  }
}

function parseJson(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

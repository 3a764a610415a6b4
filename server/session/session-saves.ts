import type { Scheduler } from '../../renderer/clock.ts';
import type { GameRuntime } from '../../renderer/game-runtime.ts';

/** How often a running game is asked for its save. */
const SAVE_INTERVAL_MS = 60_000;

export interface SessionSavesParts {
  readonly scheduler: Scheduler;
  readonly listener: {
    handleSave(save: Uint8Array): void;
    /** The game could not say what to keep; what was kept before stays. */
    handleSaveFailed(error: unknown): void;
  };
}

/** Keeps what a game wants to be kept, every minute and in the end. */
export class SessionSaves {
  readonly #runtime: Pick<GameRuntime, 'save'>;
  readonly #parts: SessionSavesParts;
  /** What is kept already: a large save is not handed over every minute for nothing. */
  #kept: Uint8Array | undefined;
  #stopped = false;
  #cancel = () => {};

  /** @param kept what the game began with. */
  constructor(
    runtime: Pick<GameRuntime, 'save'>,
    parts: SessionSavesParts,
    kept: Uint8Array | undefined,
  ) {
    this.#runtime = runtime;
    this.#parts = parts;
    this.#kept = kept;
  }

  start(): void {
    if (this.#stopped) return;
    this.#cancel = this.#parts.scheduler.after(SAVE_INTERVAL_MS, async () => {
      await this.take(this.#runtime.save());
      this.start();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Hands a save over, unless it is kept already. Never rejects. */
  async take(saving: Promise<Uint8Array | undefined>): Promise<void> {
    const { listener } = this.#parts;
    try {
      const save = await saving;
      if (!save || (this.#kept && Buffer.compare(save, this.#kept) === 0)) return;
      this.#kept = save;
      listener.handleSave(save);
    } catch (error) {
      listener.handleSaveFailed(error);
    }
  }
}

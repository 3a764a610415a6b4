import type { Resolution } from '../protocol/stream-settings.ts';
import type { GameInput, GameRuntime, RuntimeOptions, RuntimeOutput } from './game-runtime.ts';

/**
 * A runtime whose code is loaded when its game starts. What is asked of it before is asked of the
 * loaded one then; closed while it loads, nothing starts.
 */
export class DeferredRuntime implements GameRuntime {
  readonly #load: () => Promise<GameRuntime>;
  #runtime: GameRuntime | undefined;
  #starting: Promise<void> | undefined;
  #shape: { readonly resolution: Resolution; readonly frameRate: number } | undefined;
  #suspended = false;
  #closed = false;

  constructor(load: () => Promise<GameRuntime>) {
    this.#load = load;
  }

  start(options: RuntimeOptions, output: RuntimeOutput): Promise<void> {
    this.#shape = undefined;
    this.#starting = this.#start(options, output);
    return this.#starting;
  }

  handleInput(input: GameInput, receivedUs: number): void {
    this.#runtime?.handleInput(input, receivedUs);
  }

  async reshape(resolution: Resolution, frameRate: number): Promise<void> {
    this.#shape = { resolution, frameRate };
    await this.#runtime?.reshape(resolution, frameRate);
  }

  setSuspended(suspended: boolean): void {
    this.#suspended = suspended;
    this.#runtime?.setSuspended(suspended);
  }

  requestFrame(): void {
    this.#runtime?.requestFrame();
  }

  async finish(): Promise<Uint8Array | undefined> {
    return this.#runtime?.finish();
  }

  async save(): Promise<Uint8Array | undefined> {
    return this.#runtime?.save();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#runtime) await this.#runtime.close();
    // A start that fails is the starter's to report; here it only has to be over.
    else await this.#starting?.catch(() => undefined);
  }

  async #start(options: RuntimeOptions, output: RuntimeOutput): Promise<void> {
    const runtime = await this.#load();
    if (this.#closed) return;
    this.#runtime = runtime;
    runtime.setSuspended(this.#suspended);
    await runtime.start({ ...options, ...this.#shape }, output);
  }
}

import { RockpoolError } from '../../protocol/errors.ts';
import type { Build } from '../builds/build-folder.ts';
import type { RuntimeTime } from '../built-in-runtime.ts';
import type { GameRuntime } from '../game-runtime.ts';

export interface DesktopRuntimeOptions {
  readonly build: Build;
  /** Whether it asks for the network and may have it. */
  readonly network: boolean;
  readonly time: RuntimeTime;
}

/** Runs a build on a display of its own. */
export class DesktopRuntime implements GameRuntime {
  readonly #build: Build;

  constructor({ build }: DesktopRuntimeOptions) {
    this.#build = build;
  }

  async start(): Promise<void> {
    const { title } = this.#build.info;
    throw new RockpoolError(
      'game-failed',
      `${title} cannot run here: this version has no desktop.`,
    );
  }

  handleInput(): void {}

  async reshape(): Promise<void> {}

  setSuspended(): void {}

  requestFrame(): void {}

  async save(): Promise<undefined> {}

  async finish(): Promise<undefined> {}

  async close(): Promise<void> {}
}

import type { Readable, Writable } from 'node:stream';
import type { RockpoolError } from '../../protocol/errors.ts';
import type { Rumble } from '../game-runtime.ts';
import { WebPage } from '../web/web-page.ts';
import type { PadOutput } from './input/pad-output.ts';

/** The page of a web build while it is shown. */
export class BuildPage {
  /** Resolves when its scripts have run. */
  readonly ready: Promise<void>;
  readonly #page: WebPage;
  #error: RockpoolError | undefined;

  constructor(
    pipes: { readonly stdin: Writable; readonly stdout: Readable },
    listener: { handleRumble(rumble: Rumble): void },
  ) {
    let handleReady = () => {};
    this.ready = new Promise((resolve) => {
      handleReady = resolve;
    });
    this.#page = new WebPage(pipes, {
      handleReady,
      handleRumble: (rumble) => listener.handleRumble(rumble),
      handleFailure: (error) => {
        this.#error ??= error;
      },
    });
  }

  get pads(): PadOutput {
    return this.#page;
  }

  /** Why the page cannot go on, where it said so: its program ends next. */
  get error(): RockpoolError | undefined {
    return this.#error;
  }

  /** Has the browser write what the page stored, and end. */
  async quit(exited: Promise<unknown>): Promise<void> {
    this.#page.quit();
    await exited;
  }
}

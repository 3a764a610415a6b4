import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { DEFAULT_RESOLUTION, type Resolution } from '../../protocol/stream-settings.ts';
import type { Belongings } from '../support/run-bench.ts';
import { type Offerer, Receiver, type SdpRoute } from './receiver.ts';
import { fromSenderSchema } from './sender-messages.ts';

const SENDER = fileURLToPath(new URL('./libwebrtc-sender.ts', import.meta.url));

/** A libwebrtc sender in a process of its own, and a plain page that shows its stream. */
export class Baseline {
  readonly #receiver: Receiver;
  readonly #size: Resolution;
  readonly #belongings: Belongings;

  private constructor(receiver: Receiver, size: Resolution, belongings: Belongings) {
    this.#receiver = receiver;
    this.#size = size;
    this.#belongings = belongings;
  }

  /**
   * @param probe what measures in the page, the same as in the product's.
   * @param size of the scene.
   */
  static async open(
    browser: Browser,
    probe: URL,
    belongings: Belongings,
    size: Resolution = DEFAULT_RESOLUTION,
  ): Promise<Baseline> {
    return new Baseline(await Receiver.open(browser, probe, belongings), size, belongings);
  }

  /** Streams for as long as `measure` takes. */
  async run<T>(measure: (page: Page) => Promise<T>, route?: SdpRoute): Promise<T> {
    const { width, height } = this.#size;
    const child: ChildProcess = fork(SENDER, [String(width), String(height)], {
      execArgv: ['--import', 'tsx'],
    });
    const kill = () => child.kill('SIGKILL');
    this.#belongings.add({ close: kill, kill });
    const gone = new AbortController();
    child.once('exit', () => gone.abort(new Error('The libwebrtc sender ended.')));
    const offered = once(child, 'message', { signal: gone.signal });
    const offerer: Offerer = {
      async offer() {
        const [message] = await offered;
        return fromSenderSchema.parse(message).sdp;
      },
      async accept(sdp) {
        child.send({ type: 'answer', sdp });
      },
    };
    try {
      return await this.#receiver.watch(offerer, measure, route);
    } finally {
      kill();
    }
  }
}

import type { Browser, Page } from 'puppeteer-core';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import { Baseline } from '../../baseline/baseline.ts';
import type { Belongings } from '../../support/run-bench.ts';
import { NETWORK_PROBE, type RelayPaths, relayRoute, type Sender } from './sender.ts';

/** libwebrtc from Node, as most self-hosted stacks send. */
export class LibwebrtcSender implements Sender {
  readonly name = 'libwebrtc';
  readonly #baseline: Baseline;

  private constructor(baseline: Baseline) {
    this.#baseline = baseline;
  }

  static async open(
    browser: Browser,
    belongings: Belongings,
    size: Resolution,
  ): Promise<LibwebrtcSender> {
    return new LibwebrtcSender(await Baseline.open(browser, NETWORK_PROBE, belongings, size));
  }

  run<T>(relay: RelayPaths, measure: (page: Page) => Promise<T>): Promise<T> {
    return this.#baseline.run(measure, relayRoute(relay));
  }
}

import type { Page } from 'puppeteer-core';
import type { PixelSubject } from '../../gate/page/pixel-probe.ts';

/** Another way to stream the calibration program, measured beside ours. */
export interface Peer {
  readonly name: string;
  /** What its page shows. */
  readonly subject: PixelSubject;
  /** Streams for as long as `measure` takes. */
  run<T>(measure: (page: Page) => Promise<T>): Promise<T>;
}

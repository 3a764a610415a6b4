import type { Scheduler } from '../../client/player/scheduler.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';

/** Virtual time as the browser sees it: milliseconds, a second after the page began. */
export class BrowserTime extends VirtualTime implements Scheduler {
  constructor() {
    super(1_000_000);
  }

  now(): number {
    return this.nowUs() / 1000;
  }
}

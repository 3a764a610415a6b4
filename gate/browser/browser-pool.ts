import type { Browser } from 'puppeteer-core';
import { describeBrowser } from '../machine/describe-machine.ts';
import type { BrowserName } from '../result.ts';
import { launchBrowser } from './gate-browser.ts';

/** One browser of each kind, started when it is first needed, and again where it has crashed. */
export class BrowserPool {
  readonly #launch: (name: BrowserName) => Promise<Browser>;
  readonly #open = new Map<BrowserName, Browser>();
  readonly #versions: Partial<Record<BrowserName, string>> = {};

  constructor(launch: (name: BrowserName) => Promise<Browser> = launchBrowser) {
    this.#launch = launch;
  }

  /** Of the browsers that were started. */
  get versions(): Readonly<Partial<Record<BrowserName, string>>> {
    return this.#versions;
  }

  /** @throws RockpoolError where it does not start. */
  async get(name: BrowserName): Promise<Browser> {
    const open = this.#open.get(name);
    if (open?.connected) return open;
    const browser = await this.#launch(name);
    this.#open.set(name, browser);
    this.#versions[name] ??= await describeBrowser(browser);
    return browser;
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((browser) => browser.close()));
  }

  /** At once, without waiting: this process is about to exit. */
  kill(): void {
    for (const browser of this.#open.values()) browser.process()?.kill('SIGKILL');
    this.#open.clear();
  }
}

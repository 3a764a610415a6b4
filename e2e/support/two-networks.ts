import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';
import { CHROMIUM, chromiumOptions } from '../../test/support/browser.ts';
import { temporaryFolder } from '../../test/support/rockpool-process.ts';

/** What the player's machine calls its networks: think of a cable and of a phone. */
export type Network = 'first' | 'second';
const NETWORKS: readonly Network[] = ['first', 'second'];

/** Where the browser finds this machine whatever network it is on; from RFC 2544's test range. */
export const HOST = '198.18.0.1';

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: 'pipe' });
}

/** @returns why this machine cannot have a {@link TwoNetworks}; undefined where it can. */
export function whyNoNetworks(): string | undefined {
  if (!CHROMIUM) return 'there is no Chromium on PATH: apt-get install chromium';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  const name = `rockpool-try-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'delete', name);
    return undefined;
  } catch (cause) {
    return `no network namespace can be made here: ${cause}`;
  }
}

/**
 * A player's machine of its own (a network namespace) with a browser and two networks to this one,
 * both connected.
 */
export class TwoNetworks {
  readonly #name = `rockpool-${process.pid}`;
  readonly #folder = temporaryFolder();
  #browser: Browser | undefined;

  static async open(): Promise<TwoNetworks> {
    const networks = new TwoNetworks();
    try {
      networks.#build();
      networks.#browser = await networks.#launch();
      return networks;
    } catch (cause) {
      await networks.close();
      throw cause;
    }
  }

  get browser(): Browser {
    if (!this.#browser) throw new Error('closed');
    return this.#browser;
  }

  /** Plugs a network in: the machine has an address there and a way to this one. */
  connect(network: Network): void {
    const { far, gateway, metric } = this.#link(network);
    this.#inside('link', 'set', far, 'up');
    // The way went when the link did.
    this.#inside('route', 'replace', 'default', 'via', gateway, 'dev', far, 'metric', metric);
  }

  /** Pulls a network's plug. */
  disconnect(network: Network): void {
    this.#inside('link', 'set', this.#link(network).far, 'down');
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    this.#browser = undefined;
    // A link goes with either of its ends.
    for (const network of NETWORKS) ip('link', 'delete', this.#link(network).near);
    ip('netns', 'delete', this.#name);
    this.#folder.remove();
  }

  #link(network: Network) {
    const number = NETWORKS.indexOf(network) + 1;
    return {
      near: `rkn${number}-${process.pid}`,
      far: `rkf${number}-${process.pid}`,
      gateway: `198.18.${number}.1`,
      address: `198.18.${number}.2`,
      metric: String(number),
    };
  }

  #inside(...words: readonly string[]): void {
    ip('-n', this.#name, ...words);
  }

  #build(): void {
    ip('netns', 'add', this.#name);
    this.#inside('link', 'set', 'lo', 'up');
    for (const network of NETWORKS) {
      const { near, far, gateway, address } = this.#link(network);
      ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', this.#name);
      ip('addr', 'add', `${gateway}/24`, 'dev', near);
      ip('addr', 'add', `${HOST}/32`, 'dev', near);
      ip('link', 'set', near, 'up');
      this.#inside('addr', 'add', `${address}/24`, 'dev', far);
      this.connect(network);
    }
  }

  async #launch(): Promise<Browser> {
    const program = join(this.#folder.path, 'chromium');
    writeFileSync(program, `#!/bin/sh\nexec ip netns exec ${this.#name} ${CHROMIUM} "$@"\n`);
    chmodSync(program, 0o755);
    return puppeteer.launch({
      ...chromiumOptions(),
      executablePath: program,
      // A socket would be in there with it.
      pipe: true,
    });
  }
}

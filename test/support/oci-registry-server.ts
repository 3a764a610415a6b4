import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';

const PROGRAM = '/usr/bin/docker-registry';

/** Runs a suite with a registry; without it, it is counted as skipped, under its name and the reason. */
export function describeWithRegistry(name: string, suite: () => void): void {
  if (existsSync(PROGRAM)) describe(name, suite);
  else it.skip(`${name} (needs Debian's docker-registry, not on this machine)`, () => {});
}

/** A registry of a test's own on loopback, gone with all it holds after `remove`. */
export class OciRegistryServer {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  /**
   * Only inside {@link describeWithRegistry}.
   * @param deletes as most are not, unless told to.
   */
  static async start(deletes = true): Promise<OciRegistryServer> {
    const folder = mkdtempSync(join(tmpdir(), 'rockpool-registry-'));
    const address = `127.0.0.1:${await freePort()}`;
    const config = join(folder, 'config.yml');
    // JSON is YAML. Debian's own file would be read for what is not said here.
    writeFileSync(
      config,
      JSON.stringify({
        version: '0.1',
        log: { level: 'error' },
        storage: {
          filesystem: { rootdirectory: join(folder, 'data') },
          delete: { enabled: deletes },
        },
        http: { addr: address },
      }),
    );
    const child = spawn(PROGRAM, ['serve', config], { stdio: 'ignore' });
    const server = new OciRegistryServer(`http://${address}`, child, folder);
    try {
      await server.#answers();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  async remove(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    while (this.#child.exitCode === null) {
      const answer = await fetch(`${this.url}/v2/`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`docker-registry ended with ${this.#child.exitCode}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

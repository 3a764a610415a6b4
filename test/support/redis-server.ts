import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';

const program = (process.env.PATH ?? '')
  .split(':')
  .map((folder) => join(folder, 'redis-server'))
  .find((path) => existsSync(path));

/** Runs a suite with Redis; without it, it is counted as skipped, under its name and the reason. */
export function describeWithRedis(name: string, suite: () => void): void {
  if (program !== undefined) describe(name, suite);
  else it.skip(`${name} (needs Debian's redis-server, not on this machine)`, () => {});
}

/** A port of the loopback interface that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** A Redis of a test's own, which may be stopped and started again. It keeps nothing. */
export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rockpool-redis-'));
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
  }

  /** Only inside {@link describeWithRedis}. */
  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    try {
      await server.start();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const child = spawn(
      program ?? '',
      [
        ...['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder],
        ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#child = child;
    const ended = once(child, 'exit').then(() => 'ended' as const);
    let output = '';
    for (;;) {
      const said = child.stdout ? once(child.stdout, 'data') : ended;
      const next = await Promise.race([said, ended]);
      if (next === 'ended') throw new Error(`redis-server ended:\n${output}`);
      output += String(next[0]);
      if (output.includes('Ready to accept connections')) break;
    }
    child.stdout?.resume();
  }

  /** Cuts every connection, as a crash does. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

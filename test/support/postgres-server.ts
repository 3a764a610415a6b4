import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, it } from 'vitest';

/** Where Debian keeps each release of Postgres; none of them is on the PATH. */
const RELEASES = '/usr/lib/postgresql';

function newestPrograms(): string | undefined {
  if (!existsSync(RELEASES)) return undefined;
  return readdirSync(RELEASES)
    .sort((a, b) => Number(b) - Number(a))
    .map((release) => join(RELEASES, release, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

const programs = newestPrograms();

/** Runs a suite with Postgres; without it, it is counted as skipped, under its name and the reason. */
export function describeWithPostgres(name: string, suite: () => void): void {
  if (programs !== undefined) describe(name, suite);
  else it.skip(`${name} (needs Debian's postgresql, not on this machine)`, () => {});
}

/** Postgres refuses to run as root: then it runs as the user that Debian made for it. */
function userOfServer(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres']).toString());
  return { uid: id('-u'), gid: id('-g') };
}

/** A Postgres of a test's own, which may be stopped: nobody else's databases are in it. */
export class PostgresServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rockpool-postgres-'));
  readonly #user = userOfServer();
  #running = false;
  #databases = 0;

  /** Only inside {@link describeWithPostgres}. */
  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer();
    if (server.#user) chownSync(server.#folder, server.#user.uid, server.#user.gid);
    try {
      await server.#run('initdb', ['-U', 'rockpool', '--auth=trust', '--no-sync', '-E', 'UTF8']);
      await server.start();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  /** On a socket in its own folder alone. What it holds dies with the test: nothing is synced. */
  async start(): Promise<void> {
    const settings = `-k ${this.#folder} -c listen_addresses= -c fsync=off`;
    const log = join(this.#folder, 'log');
    await this.#run('pg_ctl', ['start', '--wait', '--log', log, '--options', settings]);
    this.#running = true;
  }

  /** Cuts every connection. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    await this.#run('pg_ctl', ['stop', '--wait', '--mode', 'fast']);
    this.#running = false;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The URL of a new, empty database. */
  async createDatabase(): Promise<string> {
    const name = `test${++this.#databases}`;
    await this.query(this.url('postgres'), `create database ${name}`);
    return this.url(name);
  }

  url(database: string): string {
    return `postgres:///${database}?host=${encodeURIComponent(this.#folder)}&user=rockpool`;
  }

  /** Runs one statement as nobody's store. */
  async query(url: string, statement: string, values: unknown[] = []): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(statement, values)).rows;
    } finally {
      await client.end();
    }
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    const path = join(programs ?? '', program);
    const child = spawn(path, ['-D', join(this.#folder, 'data'), ...args], {
      ...this.#user,
      cwd: this.#folder,
      // The server would keep a pipe open for as long as it lives.
      stdio: 'ignore',
    });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  }
}

import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../../protocol/environment.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import { GateProblem } from '../gate-problem.ts';
import { type RockpoolProgram, rootOf } from './own-rockpool.ts';

const run = promisify(execFile);

/** What a compiler may say before it is cut off. */
const MAX_OUTPUT_BYTES = 8 * 2 ** 20;
/** `scripts/setup.mjs` writes it: the packages that are there are those of this lock file. */
const PACKAGES_STAMP = '.rockpool-setup';

/** The commit that is checked out in a folder; undefined where that is no repository. */
export async function currentCommit(folder: string): Promise<string | undefined> {
  const answer = await run('git', ['-C', folder, 'rev-parse', 'HEAD']).catch(() => undefined);
  return answer?.stdout.trim();
}

/** Another state of the repository in this folder, to be compared with. */
export class GitRef {
  /** As it was given. */
  readonly name: string;
  /** Full hash. */
  readonly commit: string;
  readonly #top: string;
  readonly #environment: Environment;
  #folder: string | undefined;

  private constructor(name: string, commit: string, top: string, environment: Environment) {
    this.name = name;
    this.commit = commit;
    this.#top = top;
    this.#environment = environment;
  }

  /**
   * @param folder somewhere in the repository.
   * @throws RockpoolError `bad-configuration` where there is no such ref, or nothing to build of it.
   */
  static async find(name: string, folder: string, environment: Environment): Promise<GitRef> {
    const git = async (...words: readonly string[]) =>
      (await run('git', ['-C', folder, ...words])).stdout.trim();
    let top: string;
    try {
      top = await git('rev-parse', '--show-toplevel');
    } catch (cause) {
      throw problem(
        `--against ${name}: this folder is no git repository. Give the address of a Rockpool, or run this in the repository.`,
        cause,
      );
    }
    let commit: string;
    try {
      commit = await git(
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${name}^{commit}`,
      );
    } catch (cause) {
      throw problem(
        `--against ${name}: there is no such git ref here. Where CI fetched one commit alone, have it fetch this one too.`,
        cause,
      );
    }
    const ref = new GitRef(name, commit, top, environment);
    if (!ref.#isRockpool() && ref.#gamesInside().length === 0) {
      throw problem(
        `--against ${name}: this repository is not Rockpool's, and ROCKPOOL_GAMES names no folder in it. Set it to the folder with your builds.`,
      );
    }
    return ref;
  }

  /**
   * Checks the ref out beside and makes it ready to be started. Of Rockpool itself that is another
   * program; of a studio's repository the same program with the builds of then.
   * @param tell gets a line for what takes long.
   * @throws RockpoolError `internal` with the end of what was written where that fails; GateProblem
   * `stopped`.
   */
  async build(
    program: RockpoolProgram,
    tell: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ program: RockpoolProgram; environment: Environment }> {
    const folder = await mkdtemp(join(tmpdir(), 'rockpool-against-'));
    this.#folder = folder;
    const tree = join(folder, 'tree');
    await this.#run('git', ['worktree', 'add', '--detach', tree, this.commit], this.#top, signal);
    if (!this.#isRockpool()) {
      tell(`Checked out ${this.name} (${this.commit.slice(0, 10)}): its builds are played.`);
      const inside = this.#gamesInside().map((games) => join(tree, relative(this.#top, games)));
      return {
        program,
        environment: { ...this.#environment, ROCKPOOL_GAMES: inside.join(delimiter) },
      };
    }
    const packages = this.#packagesFor(tree, program);
    if (packages !== undefined) symlinkSync(packages, join(tree, 'node_modules'), 'dir');
    const how = packages === undefined ? 'installing its packages first' : 'with the packages here';
    tell(`Building ${this.name} (${this.commit.slice(0, 10)}), ${how}…`);
    await this.#run(process.execPath, ['scripts/build.mjs'], tree, signal);
    return {
      program: { execArgv: [], path: join(tree, 'dist', 'cli', 'rockpool.js') },
      environment: this.#environment,
    };
  }

  async close(): Promise<void> {
    this.kill();
  }

  kill(): void {
    if (this.#folder === undefined) return;
    rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    // Forgets the tree that is gone; what another one is doing there is its own.
    execFileSync('git', ['-C', this.#top, 'worktree', 'prune'], { stdio: 'ignore' });
  }

  #isRockpool(): boolean {
    const path = join(this.#top, 'package.json');
    if (!existsSync(path) || !existsSync(join(this.#top, 'scripts', 'build.mjs'))) return false;
    const { name } = JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown };
    return name === 'rockpool';
  }

  #gamesInside(): string[] {
    const folders = (this.#environment.ROCKPOOL_GAMES ?? '').split(delimiter);
    return folders
      .filter((folder) => folder !== '')
      .map((folder) => resolve(folder))
      .filter((folder) => !relative(this.#top, folder).startsWith('..'));
  }

  /**
   * Packages of the same lock file are the same, and installing them takes minutes and a registry.
   * Only those with a stamp are known to be of their lock file: a build takes them as they are then.
   */
  #packagesFor(tree: string, program: RockpoolProgram): string | undefined {
    const lock = createHash('sha256').update(readFileSync(join(tree, 'package-lock.json')));
    const wanted = lock.digest('hex');
    return [this.#top, rootOf(program)]
      .map((root) => join(root, 'node_modules'))
      .find((packages) => {
        const stamp = join(packages, PACKAGES_STAMP);
        return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
      });
  }

  async #run(
    command: string,
    args: readonly string[],
    cwd: string,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await run(command, args, { cwd, signal, maxBuffer: MAX_OUTPUT_BYTES });
    } catch (cause) {
      if (signal.aborted) {
        throw new GateProblem('stopped', `This was stopped while ${this.name} was built.`, {
          cause,
        });
      }
      const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-20).join('\n');
      throw new RockpoolError('internal', `${this.name} cannot be built:\n${said}`, { cause });
    }
  }
}

function problem(message: string, cause?: unknown): RockpoolError {
  return new RockpoolError('bad-configuration', message, { cause });
}

import { RockpoolError } from '../../protocol/errors.ts';
import type { SessionProgress } from '../../protocol/session-progress.ts';
import { type RunningProgram, type RunProgram, runProgram } from './system-program.ts';

export interface PackageInstallerOptions {
  /** Whether the operator lets packages be installed. */
  readonly mayInstall: boolean;
  readonly run?: RunProgram;
  /** Of this process; undefined where the system has none. */
  readonly uid?: number | undefined;
}

type HandleProgress = (progress: SessionProgress) => void;

/** Another program may be using apt: this long is waited for it. */
const LOCK_TIMEOUT_S = 120;

/** Downloading is about half of an installation's time. */
const DOWNLOAD_SHARE = 0.5;

/** What apt prints for programs: `dlstatus:5:43.2:…` and `pmstatus:PACKAGE:43.2:…`. */
const STATUS_LINE = /^(dlstatus|pmstatus):[^:]*:([\d.]+):/;

/** How much of what apt printed goes with an error. */
const MAX_PRINTED_CHARS = 1200;

/**
 * Debian packages that builds need: seen to be there, or installed where that needs no password. One
 * installation at a time; who needs the same packages waits for the same one.
 */
export class PackageInstaller {
  readonly #mayInstall: boolean;
  readonly #run: RunProgram;
  readonly #uid: number | undefined;
  readonly #waiting = new Set<HandleProgress>();
  /** By the names of the packages. */
  readonly #installations = new Map<string, Promise<void>>();
  #last: Promise<void> = Promise.resolve();
  #running: RunningProgram | undefined;
  /** From here on a stop would leave the system with half of a package. */
  #unpacking = false;
  #closed = false;

  constructor(options: PackageInstallerOptions) {
    const { mayInstall, run = runProgram, uid = process.getuid?.() } = options;
    this.#mayInstall = mayInstall;
    this.#run = run;
    this.#uid = uid;
  }

  /**
   * Resolves when the packages are there. A system without dpkg is believed to have them.
   * @param handleProgress told what is being done, where something is.
   * @throws RockpoolError `missing-package` with the line that installs them.
   */
  async ensure(packages: readonly string[], handleProgress: HandleProgress): Promise<void> {
    const missing = await this.#missing(packages);
    if (missing.length === 0) return;
    const prefix = this.#mayInstall ? await this.#privilege() : undefined;
    if (!prefix) {
      throw refusal(`This machine lacks ${nameAll(missing)}.`, missing);
    }
    this.#waiting.add(handleProgress);
    try {
      await this.#installOnce(missing, prefix);
    } finally {
      this.#waiting.delete(handleProgress);
    }
  }

  /** Resolves when nothing runs any more: a download is stopped, unpacking is waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#unpacking) this.#running?.stop();
    await this.#last;
  }

  async #missing(packages: readonly string[]): Promise<string[]> {
    if (packages.length === 0) return [];
    const query = ['dpkg-query', '-W', '-f', `\${Package} \${db:Status-Status}\\n`, ...packages];
    const { code, output } = await this.#run(query).ended;
    if (code === 127) return [];
    const installed = new Set(
      output.split('\n').flatMap((line) => {
        const [name, status] = line.split(' ');
        return status === 'installed' ? [name] : [];
      }),
    );
    return packages.filter((name) => !installed.has(name)).sort();
  }

  /** The words before apt-get; undefined where it would ask for a password. */
  async #privilege(): Promise<readonly string[] | undefined> {
    const { code: noApt } = await this.#run(['apt-get', '--version']).ended;
    if (noApt !== 0) return undefined;
    if (this.#uid === 0) return [];
    const { code } = await this.#run(['sudo', '-n', 'true']).ended;
    return code === 0 ? ['sudo', '-n'] : undefined;
  }

  #installOnce(missing: readonly string[], prefix: readonly string[]): Promise<void> {
    const key = missing.join(' ');
    const known = this.#installations.get(key);
    if (known) return known;
    const installation = this.#last
      .then(() => this.#install(missing, prefix))
      .finally(() => this.#installations.delete(key));
    this.#installations.set(key, installation);
    this.#last = installation.catch(() => undefined);
    return installation;
  }

  async #install(missing: readonly string[], prefix: readonly string[]): Promise<void> {
    const text = `Installing ${nameAll(missing)} (first time only)`;
    const words = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive'];
    const install = [
      ...[...words, 'apt-get', 'install', '-y', '--no-remove', '--no-install-recommends'],
      ...['-o', 'APT::Status-Fd=1', '-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`],
      ...['-o', 'Dpkg::Options::=--force-confold', ...missing],
    ];
    const first = await this.#apt(install, text);
    if (first.code === 0) return;
    // Fresh machines have no list of packages, old ones a stale list, and some were switched off half
    // way through an installation.
    await this.#apt([...words, 'apt-get', 'update'], 'Fetching the list of packages');
    await this.#apt([...words, 'dpkg', '--configure', '-a'], text);
    const second = await this.#apt(install, text);
    if (second.code === 0) return;
    const printed = second.output
      .split('\n')
      .filter((line) => !STATUS_LINE.test(line))
      .join('\n')
      .slice(-MAX_PRINTED_CHARS);
    throw refusal(`${nameAll(missing)} could not be installed.`, missing, printed);
  }

  async #apt(words: readonly string[], text: string) {
    if (this.#closed) throw new RockpoolError('missing-package', 'This container is closing.');
    this.#tell({ step: 'installing', text });
    this.#running = this.#run(words, (line) => {
      const [, phase, percent] = line.match(STATUS_LINE) ?? [];
      if (phase === undefined) return;
      this.#unpacking = phase === 'pmstatus';
      const share = Math.min(Number(percent) / 100, 1);
      const fraction = this.#unpacking
        ? DOWNLOAD_SHARE + share * (1 - DOWNLOAD_SHARE)
        : share * DOWNLOAD_SHARE;
      this.#tell({ step: 'installing', text, fraction });
    });
    try {
      return await this.#running.ended;
    } finally {
      this.#running = undefined;
      this.#unpacking = false;
    }
  }

  #tell(progress: SessionProgress): void {
    for (const handleProgress of this.#waiting) handleProgress(progress);
  }
}

function nameAll(packages: readonly string[]): string {
  const [first = '', ...others] = packages;
  if (packages.length <= 3) return packages.join(', ');
  return `${first} and ${others.length} more packages`;
}

function refusal(sentence: string, packages: readonly string[], printed = ''): RockpoolError {
  const install = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  return new RockpoolError(
    'missing-package',
    `${sentence} Its operator can install what the game needs.\nsudo apt-get update && sudo ${install}${printed && `\n\n${printed}`}`,
  );
}

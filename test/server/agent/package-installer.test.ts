import { describe, expect, it } from 'vitest';
import type { SessionProgress } from '../../../protocol/session-progress.ts';
import { PackageInstaller } from '../../../server/agent/package-installer.ts';
import type { ProgramResult, RunProgram } from '../../../server/agent/system-program.ts';

interface Running {
  readonly words: string;
  say(line: string): void;
  end(code: number, output?: string): void;
  stopped: boolean;
}

/** Lets everything that waits on promises go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A Debian whose apt-get runs until the test ends it. */
class FakeDebian {
  readonly installed = new Set<string>();
  readonly asked: string[] = [];
  readonly running: Running[] = [];
  hasDpkg = true;
  sudoCode = 0;

  readonly run: RunProgram = (words, handleLine) => {
    const line = words.join(' ');
    this.asked.push(line);
    const answer = this.#answer(words);
    if (answer) return { ended: Promise.resolve(answer), stop: () => {} };
    let end: (result: ProgramResult) => void = () => undefined;
    const ended = new Promise<ProgramResult>((resolve) => {
      end = resolve;
    });
    const running: Running = {
      words: line,
      say: (said) => handleLine?.(said),
      end: (code, output = '') => end({ code, output }),
      stopped: false,
    };
    this.running.push(running);
    return {
      ended,
      stop: () => {
        running.stopped = true;
        end({ code: null, output: '' });
      },
    };
  };

  /** What apt-get is doing; waits until it does something. */
  async apt(): Promise<Running> {
    for (;;) {
      const next = this.running.shift();
      if (next) return next;
      await settled();
    }
  }

  #answer(words: readonly string[]): ProgramResult | undefined {
    const [program] = words;
    if (program === 'dpkg-query') {
      if (!this.hasDpkg) return { code: 127, output: '' };
      const lines = [...this.installed].map((name) => `${name} installed\n`);
      return { code: 1, output: `removed config-files\n${lines.join('')}no packages found\n` };
    }
    if (words.join(' ') === 'sudo -n true') return { code: this.sudoCode, output: '' };
    if (words.includes('--version')) return { code: this.hasDpkg ? 0 : 127, output: '' };
    return undefined;
  }
}

function open(options: { mayInstall?: boolean; uid?: number } = {}) {
  const debian = new FakeDebian();
  const { mayInstall = true, uid = 0 } = options;
  const installer = new PackageInstaller({ mayInstall, uid, run: debian.run });
  const told: SessionProgress[] = [];
  const ensure = (...packages: string[]) => installer.ensure(packages, (one) => told.push(one));
  return { debian, installer, told, ensure };
}

describe('PackageInstaller', () => {
  it('does nothing where everything is there, or nothing is needed', async () => {
    const { debian, ensure, told } = open();
    debian.installed.add('doom').add('wad');
    await ensure('doom', 'wad');
    await ensure();
    expect(debian.asked).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it('installs what is missing, a package that was removed again too, and tells how far it is', async () => {
    const { debian, ensure, told } = open();
    debian.installed.add('doom');
    const ensured = ensure('wad', 'doom', 'removed');
    const apt = await debian.apt();
    expect(apt.words).toMatch(
      /^env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-remove --no-install-recommends /,
    );
    expect(apt.words).toMatch(/ removed wad$/);
    apt.say('Reading package lists...');
    apt.say('dlstatus:1:50.0:Retrieving file 1 of 2');
    apt.say('pmstatus:wad:50.0:Unpacking wad');
    apt.end(0);
    await ensured;
    const text = 'Installing removed, wad (first time only)';
    expect(told).toEqual([
      { step: 'installing', text },
      { step: 'installing', text, fraction: 0.25 },
      { step: 'installing', text, fraction: 0.75 },
    ]);
  });

  it('goes through sudo where it is not root', async () => {
    const { debian, ensure } = open({ uid: 1000 });
    const ensured = ensure('doom');
    const apt = await debian.apt();
    expect(apt.words).toMatch(/^sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install/);
    apt.end(0);
    await ensured;
  });

  it.each([
    ['the operator forbids it', { mayInstall: false, uid: 0 }, 0],
    ['it would need a password', { mayInstall: true, uid: 1000 }, 1],
  ])('says what to run where %s', async (_why, options, sudoCode) => {
    const { debian, ensure } = open(options);
    debian.sudoCode = sudoCode;
    await expect(ensure('doom', 'wad')).rejects.toMatchObject({
      code: 'missing-package',
      message:
        'This machine lacks doom, wad. Its operator can install what the game needs.\n' +
        'sudo apt-get update && sudo apt-get install --no-install-recommends doom wad',
    });
    expect(debian.running).toEqual([]);
  });

  it('believes a system without dpkg', async () => {
    const { debian, ensure } = open();
    debian.hasDpkg = false;
    await ensure('doom');
    expect(debian.asked).toHaveLength(1);
  });

  it('fetches the lists and mends what was left half-way before it tries again', async () => {
    const { debian, ensure, told } = open();
    const ensured = ensure('doom');
    (await debian.apt()).end(100, 'E: Unable to locate package doom');
    const update = await debian.apt();
    expect(update.words).toMatch(/apt-get update$/);
    update.end(0);
    const mend = await debian.apt();
    expect(mend.words).toMatch(/dpkg --configure -a$/);
    mend.end(0);
    (await debian.apt()).end(0);
    await ensured;
    expect(told.map(({ text }) => text)).toContain('Fetching the list of packages');
  });

  it('tells what apt said where it does not work, without its lines for programs', async () => {
    const { debian, ensure } = open();
    const ensured = ensure('doom');
    const refused = expect(ensured).rejects.toThrow(
      /^doom could not be installed\..*\nsudo apt-get .* doom\n\nE: No space left\n$/,
    );
    for (let i = 0; i < 4; i++) {
      (await debian.apt()).end(100, 'dlstatus:1:9.0:Retrieving\nE: No space left\n');
    }
    await refused;
  });

  it('installs once for everybody who waits, and one after the other', async () => {
    const { debian, ensure, installer, told } = open();
    const second: SessionProgress[] = [];
    const both = Promise.all([
      ensure('doom'),
      installer.ensure(['doom'], (progress) => second.push(progress)),
      ensure('other'),
    ]);
    const apt = await debian.apt();
    await settled();
    expect(debian.running).toEqual([]);
    apt.say('pmstatus:doom:10.0:Unpacking');
    apt.end(0);
    const next = await debian.apt();
    expect(next.words).toMatch(/ other$/);
    next.end(0);
    await both;
    expect(second.some(({ fraction }) => fraction === 0.55)).toBe(true);
    expect(told.length).toBeGreaterThan(0);
  });

  it('is not held up by an installation that failed before', async () => {
    const { debian, ensure } = open();
    const failing = expect(ensure('doom')).rejects.toThrow();
    for (let i = 0; i < 4; i++) (await debian.apt()).end(100);
    await failing;
    const again = ensure('doom');
    (await debian.apt()).end(0);
    await again;
  });

  it('stops a download when it is closed, and lets packages be unpacked', async () => {
    const loading = open();
    const refused = expect(loading.ensure('doom')).rejects.toThrow('closing');
    const download = await loading.debian.apt();
    download.say('dlstatus:1:50.0:Retrieving');
    await loading.installer.close();
    expect(download.stopped).toBe(true);
    await refused;

    const unpacking = open();
    const ensured = unpacking.ensure('doom');
    const apt = await unpacking.debian.apt();
    apt.say('pmstatus:doom:50.0:Unpacking');
    const closing = unpacking.installer.close();
    expect(apt.stopped).toBe(false);
    apt.end(0);
    await Promise.all([closing, ensured]);
  });
});

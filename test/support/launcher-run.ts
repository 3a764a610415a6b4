import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ToLauncher } from '../../renderer/web/launcher-messages.ts';
import { temporaryFolder } from './rockpool-process.ts';

const LAUNCHER = fileURLToPath(new URL('../../renderer/web/web-launcher.ts', import.meta.url));

/** The files of a web build, in a folder that is gone after `remove`. */
export function webBuild(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  }
  return folder;
}

export interface LauncherPlace {
  /** Of the build. */
  readonly folder: string;
  readonly browser: string;
  /** Where the browser keeps its files. */
  readonly home: string;
  readonly display: { readonly name: string; readonly authorityFile: string };
}

/** A launcher outside any sandbox, and what it prints. */
export class LauncherRun {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly exited: Promise<number | null>;
  readonly #waiting = new Set<() => void>();
  #output = '';
  #log = '';

  constructor({ folder, browser, home, display }: LauncherPlace) {
    this.#profile = join(home, 'profile');
    const settings = {
      browser,
      folder,
      entry: 'index.html',
      profile: this.#profile,
      width: 640,
      height: 360,
      network: false,
    };
    this.#child = spawn(process.execPath, ['--import', 'tsx', LAUNCHER, JSON.stringify(settings)], {
      env: {
        ...process.env,
        HOME: home,
        DISPLAY: display.name,
        XAUTHORITY: display.authorityFile,
      },
    });
    const wake = () => {
      for (const check of this.#waiting) check();
    };
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      wake();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
      wake();
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        resolve(code);
        wake();
      });
    });
  }

  send(message: ToLauncher): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  get log(): string {
    return this.#log;
  }

  get messages(): unknown[] {
    return this.#output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  /** Waits until the log has it. */
  async logged(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(() => pattern.exec(this.#log));
  }

  /** Waits for a message of a type. */
  async told(type: string): Promise<unknown> {
    return this.#until(() =>
      this.messages.find((message) => (message as { type?: string }).type === type),
    );
  }

  /** Processes of the browser that are left. */
  browserProcesses(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(this.#profile))
      .map(Number);
  }

  /** The browser's process that runs the page, and those it keeps for its own and for later pages. */
  renderers(): number[] {
    return this.browserProcesses().filter((pid) =>
      commandLine(String(pid)).includes('type=renderer'),
    );
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.exited;
  }

  #until<T>(look: () => T | null | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = look();
        const gone = this.#child.exitCode !== null;
        if (found === null || found === undefined) {
          if (gone) reject(new Error(`the launcher has ended:\n${this.#log}`));
          if (!gone) return;
        } else resolve(found);
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }
}

function commandLine(pid: string): string {
  const file = `/proc/${pid}/cmdline`;
  try {
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  } catch {
    // It ended in between.
    return '';
  }
}

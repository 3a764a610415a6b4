import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILD_MOUNT, type BuildManifest, HOME_MOUNT } from '../../protocol/build-manifest.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { LauncherSettings } from './launcher-messages.ts';

/** Where the launcher and what it needs lie inside the sandbox. */
const MOUNT = '/run/rockpool';

/** The browser's own files, below the home folder. */
const PROFILE = '.browser';

/**
 * What a page stored, below the home folder: `localStorage`, IndexedDB (where Unity and Godot keep
 * saved games) and the files of `navigator.storage`. A web build that names no `saves` keeps these.
 */
export const WEB_SAVES: readonly string[] = [
  `${PROFILE}/Default/Local Storage`,
  `${PROFILE}/Default/IndexedDB`,
  `${PROFILE}/Default/File System`,
];

/**
 * The browsers themselves rather than what `PATH` has: those are scripts that read configuration of
 * their own and may start anything.
 */
const BROWSERS = [
  '/usr/lib/chromium/chromium',
  '/usr/lib64/chromium-browser/chromium-browser',
  '/usr/lib/chromium-browser/chromium-browser',
  '/opt/google/chrome/chrome',
];

/** What to run in the sandbox, in its own paths. */
export interface WebProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What it must see of the host, read-only. */
  readonly binds: readonly { readonly from: string; readonly to: string }[];
}

/** Chromium or Chrome of this machine; undefined where there is none. */
export async function findBrowser(): Promise<string | undefined> {
  for (const browser of BROWSERS) {
    const found = await access(browser, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return browser;
  }
  return undefined;
}

/**
 * How a web build is run: a launcher beside this file serves it and shows it in a browser. It talks
 * over stdin and stdout; see {@link WebPage}.
 * @throws RockpoolError `missing-package` where this machine has no browser.
 */
export async function webProgram(manifest: BuildManifest): Promise<WebProgram> {
  const browser = await findBrowser();
  if (!browser) {
    throw new RockpoolError(
      'missing-package',
      'Web builds are shown by Chromium, which this machine does not have: install the package chromium.',
    );
  }
  const settings: LauncherSettings = {
    browser,
    folder: BUILD_MOUNT,
    entry: manifest.entry,
    profile: `${HOME_MOUNT}/${PROFILE}`,
    ...manifest.resolution,
    network: manifest.network,
  };
  const { args, binds } = await launcher();
  return {
    command: `${MOUNT}/node`,
    args: [...args, JSON.stringify(settings)],
    environment: {},
    binds: [
      { from: await realpath(process.execPath), to: `${MOUNT}/node` },
      ...(browser.startsWith('/usr/') ? [] : [{ from: dirname(browser), to: dirname(browser) }]),
      ...binds,
    ],
  };
}

/** Compiled, the launcher runs by itself; from source it takes tsx along. */
async function launcher(): Promise<Pick<WebProgram, 'args' | 'binds'>> {
  const folder = dirname(fileURLToPath(import.meta.url));
  const own = { from: folder, to: `${MOUNT}/web` };
  if (!import.meta.url.endsWith('.ts')) {
    // Says that the files are modules.
    const description = {
      from: join(folder, '../../../package.json'),
      to: `${MOUNT}/package.json`,
    };
    return { args: [`${MOUNT}/web/web-launcher.js`], binds: [own, description] };
  }
  const description = { from: join(folder, '../../package.json'), to: `${MOUNT}/package.json` };
  const loader = await realpath(createRequire(import.meta.url).resolve('tsx'));
  const modules = dirname(dirname(dirname(loader)));
  return {
    args: ['--import', `${MOUNT}/node_modules/tsx/dist/loader.mjs`, `${MOUNT}/web/web-launcher.ts`],
    binds: [own, description, { from: modules, to: `${MOUNT}/node_modules` }],
  };
}

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';
import { RockpoolError } from '../../protocol/errors.ts';
import type { BrowserName } from '../result.ts';

/** Commands of a browser, those looked for first, and what brings it. */
const INSTALLATIONS: Record<BrowserName, { readonly commands: string[]; readonly advice: string }> =
  {
    chromium: {
      commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
      advice: 'apt-get install chromium',
    },
    firefox: {
      commands: ['firefox-esr', 'firefox'],
      advice: 'apt-get install firefox-esr',
    },
  };

/**
 * The lists under Chromium's address bar are pages of their own, two to each window: nobody
 * types into one here, and they took as long to start as the page that is looked at.
 */
const UNSEEN = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** Keeps Chromium from looking anything up by itself, and lets sound start without a click. */
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--disable-component-update',
  `--disable-features=${UNSEEN.join(',')}`,
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** Sound starts without a click; the relay is on the loopback; addresses are told as they are. */
const FIREFOX_PREFERENCES = {
  'media.autoplay.default': 0,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
};

/**
 * Where a browser of this machine is.
 * @param path as `PATH` has it.
 * @throws RockpoolError `missing-package` that says what to install.
 */
export function findBrowser(name: BrowserName, path = process.env.PATH ?? ''): string {
  const { commands, advice } = INSTALLATIONS[name];
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  for (const command of commands) {
    const folder = folders.find((one) => existsSync(join(one, command)));
    if (folder !== undefined) return join(folder, command);
  }
  throw new RockpoolError(
    'missing-package',
    `There is no ${name} on this machine's PATH (${commands.join(', ')}). Install it, on Debian with: ${advice}`,
  );
}

/** How a browser is started. */
export interface BrowserChoice {
  /** Whether a person sees it. */
  readonly visible?: boolean;
}

/**
 * Starts a browser that leaves nothing behind.
 * @throws RockpoolError `missing-package` where there is none, `internal` where it does not start.
 */
export async function launchBrowser(
  name: BrowserName,
  { visible = false }: BrowserChoice = {},
): Promise<Browser> {
  const executablePath = findBrowser(name);
  // Ctrl+C is for who started it: a browser that dies of it takes its figures along.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  try {
    if (name === 'firefox') {
      return await puppeteer.launch({
        browser: 'firefox',
        executablePath,
        headless: !visible,
        extraPrefsFirefox: FIREFOX_PREFERENCES,
        ...signals,
      });
    }
    // Chromium's sandbox refuses to run as root, as containers and CI do.
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const hidden = visible ? [] : ['--disable-gpu'];
    return await puppeteer.launch({
      executablePath,
      headless: !visible,
      args: [...CHROMIUM_ARGUMENTS, ...hidden, ...root],
      defaultViewport: null,
      ...signals,
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RockpoolError('internal', `${executablePath} does not start: ${why}`, { cause });
  }
}

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer, {
  type Browser,
  type BrowserContext,
  type LaunchOptions,
  type Page,
} from 'puppeteer-core';
import { CHROMIUM_ARGUMENTS } from '../../gate/browser/gate-browser.ts';

function onPath(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of names) {
    const folder = folders.find((one) => existsSync(join(one, name)));
    if (folder) return join(folder, name);
  }
  return undefined;
}

/** Chromium or Chrome of this machine; undefined where there is none. */
export const CHROMIUM = onPath(
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
);

/** Firefox of this machine; undefined where there is none. */
export const FIREFOX = onPath('firefox-esr', 'firefox');

/** How Chromium is started. */
export function chromiumOptions(...more: string[]): LaunchOptions {
  if (!CHROMIUM) throw new Error('No Chromium on PATH: apt-get install chromium');
  // Chromium's sandbox refuses to run as root, as containers and CI do.
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return {
    executablePath: CHROMIUM,
    args: ['--disable-gpu', ...CHROMIUM_ARGUMENTS, ...root, ...more],
    defaultViewport: { width: 1280, height: 800 },
  };
}

export async function launchChromium(...more: string[]): Promise<Browser> {
  return puppeteer.launch(chromiumOptions(...more));
}

export async function launchFirefox(): Promise<Browser> {
  if (!FIREFOX) throw new Error('No Firefox on PATH: apt-get install firefox-esr');
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    extraPrefsFirefox: {
      'media.autoplay.default': 0,
      'media.peerconnection.ice.loopback': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
    },
  });
}

/** A page whose errors fail nobody silently: they are collected, to be asserted empty. */
export async function openPage(
  browser: Browser | BrowserContext,
): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return { page, errors };
}

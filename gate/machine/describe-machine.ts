import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import type { Browser } from 'puppeteer-core';
import { z } from 'zod';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Result } from '../result.ts';

/** Compiled modules lie one folder deeper. */
const PACKAGE = new URL(
  import.meta.url.endsWith('.ts') ? '../../package.json' : '../../../package.json',
  import.meta.url,
);
const packageSchema = z.object({ version: z.string() });

/** To be called before anything is started: its load is that of others. */
export async function describeMachine(): Promise<Result['machine']> {
  const processors = cpus();
  const [loadBefore = 0] = loadavg();
  return {
    cores: processors.length,
    model: processors[0]?.model.trim() || 'unknown processor',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: [`${type()} ${release()}`, await distribution()].filter((part) => part).join(', '),
    loadBefore,
  };
}

export async function describeVersions(): Promise<Omit<Result['versions'], 'browsers'>> {
  const { version } = packageSchema.parse(JSON.parse(await readFile(PACKAGE, 'utf8')));
  return { rockpool: version, protocol: PROTOCOL_VERSION, node: process.versions.node };
}

/** Such as `Chrome 140.0.7339.80`: browsers say more about how they are run than who they are. */
export async function describeBrowser(browser: Browser): Promise<string> {
  const [name = '', version = ''] = (await browser.version()).split('/');
  const plain = name.replace('Headless', '');
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)} ${version}`.trim();
}

async function distribution(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? '';
}

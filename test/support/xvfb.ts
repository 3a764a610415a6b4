import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { RockpoolError } from '../../protocol/errors.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import { XConnection } from '../../renderer/desktop/display/x-connection.ts';
import { openDisplay } from '../../renderer/desktop/display/x-display.ts';
import { temporaryFolder } from './rockpool-process.ts';

/** Why there is no Xvfb here; undefined where there is one. */
export async function whyNoXvfb(): Promise<string | undefined> {
  const folder = temporaryFolder();
  try {
    const resolution = { width: 512, height: 288 };
    await (await openDisplay({ resolution, folder: folder.path })).close();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof RockpoolError && thrown.code === 'missing-package') return thrown.message;
    throw thrown;
  } finally {
    folder.remove();
  }
}

/** A display and a connection of ours to it; `cleanups`, called last first, close them. */
export async function connectedDisplay(resolution: Resolution, cleanups: (() => unknown)[]) {
  const folder = temporaryFolder();
  cleanups.push(folder.remove);
  const display = await openDisplay({ resolution, folder: folder.path });
  cleanups.push(() => display.close());
  const connection = await XConnection.open({
    display: display.name,
    authorityFile: display.authorityFile,
    handleFailure: () => {},
  });
  cleanups.push(() => connection.close());
  return { display, connection };
}

/** For a machine that is busy: nothing is lost by waiting longer for what comes at once. */
const PATIENCE_MS = 30_000;

/** Waits until what a display shows is as it should be. */
export function eventually<T>(look: () => T) {
  return expect.poll(look, { timeout: PATIENCE_MS, interval: 10 });
}

/** A suite that needs Xvfb; without one it is counted as skipped, under its name and the reason. */
export function describeWithXvfb(name: string, missing: string | undefined, suite: () => void) {
  vi.setConfig({ testTimeout: 2 * PATIENCE_MS, hookTimeout: PATIENCE_MS });
  if (missing === undefined) describe(name, suite);
  else it.skip(`${name} (${missing})`, () => {});
}

/** Processes of X servers that were started with this authority file. */
export function serversOf(authorityFile: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid).includes(authorityFile))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return line.startsWith('Xvfb') ? line : '';
  } catch {
    return '';
  }
}

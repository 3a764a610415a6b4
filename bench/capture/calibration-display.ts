import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RESOLUTION } from '../../protocol/stream-settings.ts';
import { openDisplay, type XDisplay } from '../../renderer/desktop/display/x-display.ts';
import type { Belongings } from '../support/run-bench.ts';

/** What a program needs to reach a display. */
export interface DisplayEnvironment {
  readonly DISPLAY: string;
  readonly XAUTHORITY: string;
}

/**
 * Runs the native calibration program, outside any sandbox.
 * @param build folder that `writeNativeCalibration` wrote.
 */
export async function startCalibration(
  build: string,
  display: DisplayEnvironment,
  belongings: Belongings,
): Promise<ChildProcess> {
  const home = await mkdtemp(join(tmpdir(), 'rockpool-bench-'));
  const removeHome = () => rm(home, { recursive: true, force: true });
  belongings.add({ close: removeHome, kill: () => undefined });
  const program = spawn(join(build, 'node'), [join(build, 'program.mjs')], {
    env: { ...display, HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  ownChild(program, belongings);
  return program;
}

/** Ends a child with what else a bench opened. */
export function ownChild(child: ChildProcess, belongings: Belongings): void {
  const exited = once(child, 'exit').catch(() => undefined);
  belongings.add({
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await exited;
    },
    kill: () => child.kill('SIGKILL'),
  });
}

/** The product's kind of display, 1280×720, with the calibration program on it. */
export async function openCalibrationDisplay(
  build: string,
  belongings: Belongings,
): Promise<{ display: XDisplay; environment: DisplayEnvironment }> {
  const folder = await mkdtemp(join(tmpdir(), 'rockpool-bench-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  belongings.add({ close: removeFolder, kill: () => undefined });
  const display = await openDisplay({ resolution: DEFAULT_RESOLUTION, folder });
  belongings.add({ close: () => display.close(), kill: () => undefined });
  const environment = { DISPLAY: display.name, XAUTHORITY: display.authorityFile };
  await startCalibration(build, environment, belongings);
  return { display, environment };
}

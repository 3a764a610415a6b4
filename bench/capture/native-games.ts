import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeNativeCalibration } from '../../test/support/native-calibration/native-calibration-build.ts';
import type { Rockpool } from '../support/rig.ts';
import { type Belongings, Skip } from '../support/run-bench.ts';

export const NATIVE_CALIBRATION = 'native-calibration';
/** The same program; it draws nothing but what a press changes. */
export const NATIVE_STILL = 'native-still';
export const FREEDOOM = 'freedoom';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

export interface NativeGames {
  /** The build of {@link NATIVE_CALIBRATION}. */
  readonly calibration: string;
  /** As in `ROCKPOOL_GAMES`. */
  readonly folders: string;
}

/** Writes the builds that these benches play; gone at the end of the bench. */
export async function writeNativeGames(belongings: Belongings): Promise<NativeGames> {
  const folder = await mkdtemp(join(tmpdir(), 'rockpool-bench-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  belongings.add({ close: remove, kill: () => undefined });
  // A sandbox may read it as another user.
  await chmod(folder, 0o755);
  const calibration = join(folder, NATIVE_CALIBRATION);
  await writeNativeCalibration(calibration);
  await writeNativeCalibration(join(folder, NATIVE_STILL), {
    id: NATIVE_STILL,
    title: 'Native still picture',
    arguments: ['program.mjs', '0'],
  });
  return { calibration, folders: [folder, join(EXAMPLES, FREEDOOM)].join(delimiter) };
}

/** @throws Skip where the program does not offer native games. */
export async function requireNativeGames(rockpool: Rockpool): Promise<void> {
  if ((await rockpool.freeSlots()).has(NATIVE_CALIBRATION)) return;
  throw new Skip('native games are not offered here; `npm start` says what this machine lacks.');
}

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeNativeCalibration } from '../../test/support/native-calibration/native-calibration-build.ts';

/** Builds that Rockpool brings as examples. */
export const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

const COVER = join(EXAMPLES, 'tidelight', 'cover.webp');

/** Follows the size of its display, which is 1280 × 720 where nobody asks for another. */
export const NATIVE_CALIBRATION = 'native-calibration';
/** Draws on presses alone. */
export const STILL_CALIBRATION = {
  id: 'native-calibration-still',
  resolution: { width: 800, height: 600 },
} as const;
/** Does not end when it is asked to, as many games do not. */
export const STUBBORN_CALIBRATION = 'native-calibration-stubborn';

const STUBBORN_PROGRAM = `#!/bin/sh
trap '' TERM
./node program.mjs
`;

/**
 * Writes builds of the native calibration program, one a folder.
 * @param folder made, and the caller's to remove.
 */
export async function writeNativeBuilds(folder: string): Promise<void> {
  const builds = [
    { id: NATIVE_CALIBRATION, title: 'Native calibration' },
    {
      id: STUBBORN_CALIBRATION,
      title: 'Native calibration, stubborn',
      entry: 'play.sh',
      arguments: [],
    },
    {
      ...STILL_CALIBRATION,
      title: 'Native calibration, still',
      resizable: false,
      arguments: ['program.mjs', '0'],
    },
  ];
  for (const build of builds) {
    const own = join(folder, build.id);
    await mkdir(own, { recursive: true, mode: 0o755 });
    await copyFile(COVER, join(own, 'cover.webp'));
    await writeFile(join(own, 'play.sh'), STUBBORN_PROGRAM, { mode: 0o755 });
    await writeNativeCalibration(own, { ...build, cover: 'cover.webp' });
  }
}

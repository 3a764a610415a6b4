import { constants } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { z } from 'zod';
import type { buildManifestSchema } from '../../../protocol/build-manifest.ts';

const PROGRAM = fileURLToPath(new URL('./native-calibration.ts', import.meta.url));

/**
 * Writes a build of the native calibration program: one script, and the Node that runs these tests,
 * which may lie where no sandbox shows it.
 * @param folder made, and the caller's to remove.
 * @param overrides of the manifest.
 */
export async function writeNativeCalibration(
  folder: string,
  overrides: Partial<z.input<typeof buildManifestSchema>> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const manifest: z.input<typeof buildManifestSchema> = {
    id: 'native-calibration',
    title: 'Native calibration',
    runtime: 'linux',
    entry: 'node',
    arguments: ['program.mjs'],
    resizable: true,
    saves: ['presses'],
    ...overrides,
  };
  await Promise.all([
    copyFile(process.execPath, join(folder, 'node'), constants.COPYFILE_FICLONE),
    writeFile(join(folder, 'rockpool.json'), JSON.stringify(manifest)),
    build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: {
        ssr: PROGRAM,
        outDir: folder,
        emptyOutDir: false,
        minify: false,
        target: 'node20',
        rolldownOptions: { output: { format: 'es', entryFileNames: 'program.mjs' } },
      },
    }),
  ]);
}

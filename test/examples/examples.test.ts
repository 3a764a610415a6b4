import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { MANIFEST_FILE, parseManifest } from '../../protocol/build-manifest.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const MAX_COVER_BYTES = 100 * 1024;

const folders = await readdir(EXAMPLES, { withFileTypes: true });
const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);

describe.each(names)('example %s', (name) => {
  const folder = join(EXAMPLES, name);
  const readManifest = async () =>
    parseManifest(await readFile(join(folder, MANIFEST_FILE), 'utf8'));

  it('has a manifest that Rockpool accepts, named for its folder', async () => {
    expect((await readManifest()).id).toBe(name);
  });

  it('brings its entry, and may run it', async () => {
    const { entry, runtime } = await readManifest();
    if (entry.startsWith('/')) return;
    const { mode } = await stat(join(folder, entry));
    if (runtime === 'linux') expect(mode & 0o111).not.toBe(0);
  });

  it('brings a small 16:9 cover and says how it is adapted', async () => {
    const { cover } = await readManifest();
    const path = join(folder, cover ?? 'no cover is named');
    const { width, height } = await sharp(path).metadata();
    expect(width / height).toBeCloseTo(16 / 9, 1);
    expect((await stat(path)).size).toBeLessThanOrEqual(MAX_COVER_BYTES);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toMatch(/^# /);
  });
});

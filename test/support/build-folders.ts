import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildManifestSchema } from '../../protocol/build-manifest.ts';

/** The least a manifest says. */
export const MANIFEST = { id: 'pond', title: 'Pond', runtime: 'linux', entry: 'pond' } as const;

/** A manifest as the program reads it, with every default. */
export function fakeManifest(fields: object = {}) {
  return buildManifestSchema.parse({ ...MANIFEST, ...fields });
}

/** Folders with builds in them, gone after `remove`. */
export class BuildFolders {
  readonly path = mkdtempSync(join(tmpdir(), 'rockpool-builds-'));

  /** Writes a build whose program may be run; returns its folder. */
  build(name: string, manifest: object = {}, files: Readonly<Record<string, string>> = {}): string {
    const folder = join(this.path, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'rockpool.json'), JSON.stringify({ ...MANIFEST, ...manifest }));
    writeFileSync(join(folder, 'pond'), '#!/bin/sh\n', { mode: 0o755 });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return folder;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

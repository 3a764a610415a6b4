import { execFileSync } from 'node:child_process';
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
    this.folder(name, files);
    return folder;
  }

  /** Writes files into a folder of this name. */
  folder(name: string, files: Readonly<Record<string, string>>): string {
    const folder = join(this.path, name);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return folder;
  }

  file(name: string, content: Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  /** An archive of a folder, as `tar` packs it, its kind told by its name. */
  pack(folder: string, name: string): string {
    const path = join(this.path, name);
    execFileSync('tar', ['-C', folder, '--auto-compress', '-cf', path, '.']);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArchiveRefusal } from '../../../signaling/studio/builds/archive-refusal.ts';
import { unpackArchive } from '../../../signaling/studio/builds/unpack-archive.ts';
import { DEFAULT_UNPACK_LIMITS } from '../../../signaling/studio/builds/unpack-limits.ts';
import { type RawTarEntry, rawTar } from '../../support/archives/raw-tar.ts';
import { type RawZipEntry, rawZip } from '../../support/archives/raw-zip.ts';

/** Few, so that entries meet in one place. */
const part = fc.constantFrom('a', 'b', 'A', 'up', '.', '..', '', 'é', 'e\u0301');
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const content = fc.constantFrom('', 'x', '#!/bin/sh\n', '../a', 'a', 'up/..', '/etc/passwd');

const tarEntry: fc.Arbitrary<RawTarEntry> = fc.record(
  {
    name: path,
    type: fc.constantFrom(
      '0',
      '0',
      '0',
      '1',
      '1',
      '2',
      '2',
      '2',
      '5',
      '5',
      '6',
      'L',
      'K',
      'x',
      'V',
    ),
    target: fc.oneof(path, content),
    mode: fc.nat(0o7777),
    content,
  },
  { requiredKeys: ['name'] },
);

const zipEntry: fc.Arbitrary<RawZipEntry> = fc.record(
  {
    name: path,
    content,
    mode: fc.constantFrom(0o100644, 0o104755, 0o120777, 0o120777, 0o040755, 0o060666, 0),
    method: fc.constantFrom(0, 8, 9),
    bytes: fc.constantFrom(0, 1, 4, 5000),
    at: fc.constantFrom(0, 33, 40),
  },
  { requiredKeys: ['name'] },
);

/** One in three is as an honest packer writes it, so that some go through. */
const honest = fc.record({
  name: fc.uuid().map((id) => `folder/${id}`),
  content: fc.constantFrom('x', 'yy'),
});

describe('whatever an archive holds', { timeout: 60_000 }, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-properties-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** @returns whether it was taken. */
  async function isTaken(bytes: Buffer): Promise<boolean> {
    const top = mkdtempSync(join(folder, 'top-'));
    const build = mkdtempSync(join(top, 'build-'));
    const archive = join(folder, 'archive');
    writeFileSync(archive, bytes);
    try {
      await unpackArchive(archive, build, DEFAULT_UNPACK_LIMITS);
      expectWithin(build);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(ArchiveRefusal);
      return false;
    } finally {
      expect(readdirSync(top)).toHaveLength(1);
      rmSync(top, { recursive: true });
    }
  }

  /** Files, folders and links, none of them special, and no link that leads out. */
  function expectWithin(build: string) {
    for (const name of readdirSync(build, { recursive: true }) as string[]) {
      const found = lstatSync(join(build, name));
      expect(found.isFile() || found.isDirectory() || found.isSymbolicLink()).toBe(true);
      if (!found.isSymbolicLink()) expect(found.mode & 0o7000).toBe(0);
      else if (existsSync(join(build, name))) {
        const real = realpathSync(join(build, name));
        expect(`${real}/`.startsWith(`${build}/`)).toBe(true);
      }
    }
  }

  it.each([
    ['tar', fc.array(fc.oneof(tarEntry, honest), { maxLength: 4 }).map((all) => rawTar(all))],
    ['zip', fc.array(fc.oneof(zipEntry, honest), { maxLength: 4 }).map((all) => rawZip(all))],
  ] as const)(
    'a %s is refused by a sentence, or stays within its folder',
    async (_name, archives) => {
      let taken = 0;
      await fc.assert(
        fc.asyncProperty(archives, async (bytes) => {
          if (await isTaken(bytes)) taken++;
        }),
        { numRuns: 300 },
      );
      // Else it would only say that everything is refused.
      expect(taken).toBeGreaterThan(10);
    },
  );
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bytesOf, type TarEntry, tarParts } from '../../protocol/tar-layout.ts';
import { readTar } from '../../signaling/studio/builds/tar-reader.ts';

const file = (path: string, bytes: number, runs = false): TarEntry => ({
  path,
  kind: 'file',
  bytes,
  runs,
  target: '',
});

/** Each file holds its path, again and again. */
const contentOf = (path: string, bytes: number) =>
  Buffer.from(path.repeat(Math.ceil(bytes / path.length))).subarray(0, bytes);

function archiveOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat(
    tarParts(entries).map((part) =>
      'content' in part ? part.content : contentOf(part.path, part.bytes),
    ),
  );
}

const LONG = `${'deep/'.repeat(30)}ü${'n'.repeat(90)}.txt`;
const ENTRIES: readonly TarEntry[] = [
  file('b.bin', 513),
  file('a/empty', 0),
  file(LONG, 1024),
  file('run.sh', 5, true),
  { path: 'nothing in it', kind: 'folder', bytes: 0, runs: false, target: '' },
  { path: 'link', kind: 'link', bytes: 0, runs: false, target: LONG },
];

it('is unpacked by tar itself to the same files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-tar-'));
  try {
    const { status, stderr } = spawnSync('tar', ['-x', '-C', folder], {
      input: archiveOf(ENTRIES),
    });
    expect(`${status} ${stderr}`).toBe('0 ');
    for (const { path, kind, bytes, runs } of ENTRIES) {
      if (kind === 'link') expect(readlinkSync(join(folder, path))).toBe(LONG);
      else if (kind === 'folder') expect(statSync(join(folder, path)).isDirectory()).toBe(true);
      else {
        expect(readFileSync(join(folder, path))).toEqual(contentOf(path, bytes));
        expect((statSync(join(folder, path)).mode & 0o100) !== 0).toBe(runs);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('is read by the check of builds, which is stricter than tar', async () => {
  const read = [];
  async function* source() {
    yield archiveOf(ENTRIES);
  }
  for await (const { name, kind, target } of readTar(source())) read.push({ name, kind, target });
  expect(read).toEqual([
    { name: 'a/empty', kind: 'file', target: '' },
    { name: 'b.bin', kind: 'file', target: '' },
    { name: LONG, kind: 'file', target: '' },
    { name: 'link', kind: 'symbolic-link', target: LONG },
    { name: 'nothing in it/', kind: 'folder', target: '' },
    { name: 'run.sh', kind: 'file', target: '' },
  ]);
});

it('is the same archive whatever the order of its files, as long as its parts say', () => {
  const archive = archiveOf(ENTRIES);
  expect(archiveOf([...ENTRIES].reverse())).toEqual(archive);
  const bytes = tarParts(ENTRIES).reduce((sum, part) => sum + bytesOf(part), 0);
  expect(bytes).toBe(archive.length);
  expect(bytes % 512).toBe(0);
});

it('says how large a file is that needs more than eleven octal digits', () => {
  const [header] = tarParts([file('huge.pak', 9 * 2 ** 30)]);
  const text = header && 'content' in header ? Buffer.from(header.content).toString('latin1') : '';
  expect(text).toContain(`19 size=${9 * 2 ** 30}\n`);
});

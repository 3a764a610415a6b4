import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArchiveRefusal } from '../../../signaling/studio/builds/archive-refusal.ts';
import { unpackArchive } from '../../../signaling/studio/builds/unpack-archive.ts';
import { DEFAULT_UNPACK_LIMITS } from '../../../signaling/studio/builds/unpack-limits.ts';
import { HOSTILE_ARCHIVES, HOSTILE_LIMITS, zstd } from '../../support/archives/hostile-archives.ts';
import { paxHeader, rawTar } from '../../support/archives/raw-tar.ts';
import { rawZip } from '../../support/archives/raw-zip.ts';
import { processesWith } from '../../support/processes-with.ts';

/** What both formats write alike. */
const SAMPLE = [
  { name: 'data/', mode: 0o040755, type: '5' },
  { name: 'data/a.txt', content: 'a good file '.repeat(20), mode: 0o100644 },
  { name: 'run', content: '#!/bin/sh\n', mode: 0o100755 },
];

const FILE = 0o100644;
const PROGRAM = 0o100755;

describe('unpackArchive', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-unpack-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function unpack(bytes: Buffer, limits: object = {}) {
    const archive = join(folder, 'archive');
    const target = mkdtempSync(join(folder, 'build-'));
    writeFileSync(archive, bytes);
    const unpacked = await unpackArchive(archive, target, { ...DEFAULT_UNPACK_LIMITS, ...limits });
    const names = (readdirSync(target, { recursive: true }) as string[]).sort();
    const text = (path: string) => readFileSync(join(target, path), 'utf8');
    const mode = (path: string) => statSync(join(target, path)).mode & 0o7777;
    return { ...unpacked, names, text, mode };
  }

  it.each(HOSTILE_ARCHIVES)('refuses $name, and says why', async ({ bytes, reason, says }) => {
    await expect(unpack(bytes(), HOSTILE_LIMITS)).rejects.toMatchObject({
      code: 'bad-archive',
      reason,
      message:
        typeof says === 'string' ? expect.stringContaining(says) : expect.stringMatching(says),
    });
    // Nothing beside the folder that it was given.
    expect(readdirSync(folder).map((name) => name.replace(/-.*/, ''))).toEqual([
      'archive',
      'build',
    ]);
    // One that undoes a compression ends soon after nobody reads it any more.
    await expect.poll(() => processesWith(folder)).toEqual([]);
  });

  it.each([
    ['zip', rawZip(SAMPLE)],
    ['tar', rawTar(SAMPLE)],
    ['tar.gz', gzipSync(rawTar(SAMPLE))],
  ])(
    'unpacks or refuses a %s with any bytes changed, and never fails in another way',
    async (_format, whole) => {
      const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
          const changed = Buffer.from(whole);
          for (const { at, to } of changes) changed[at] = to;
          const outcome = await unpack(changed, HOSTILE_LIMITS).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ArchiveRefusal);
        }),
        { numRuns: 150 },
      );
    },
  );

  const tree = [
    { name: './', type: '5' },
    { name: './game/', type: '5' },
    { name: './game/run.sh', content: '#!/bin/sh\n', mode: 0o755 },
    { name: './game/data.bin', content: 'data' },
  ];

  it.each([
    ['tar', (tar: Buffer) => tar],
    ['tar.gz', (tar: Buffer) => gzipSync(tar)],
    ['tar.zst', zstd],
  ] as const)('unpacks a %s with its modes, whatever its name', async (format, pack) => {
    const unpacked = await unpack(pack(rawTar(tree)));
    expect(unpacked).toMatchObject({ format, bytes: 14, madePrograms: [], privileged: [] });
    expect(unpacked.names).toEqual(['game', 'game/data.bin', 'game/run.sh']);
    expect(unpacked.mode('game/run.sh')).toBe(0o755);
    expect(unpacked.mode('game/data.bin')).toBe(0o644);
    expect(unpacked.text('game/data.bin')).toBe('data');
  });

  it('unpacks a zip, stored and deflated, with its modes and folders', async () => {
    const unpacked = await unpack(
      rawZip([
        { name: 'empty/', mode: 0o040755 },
        { name: 'run', content: '#!/bin/sh\n', mode: PROGRAM, method: 0 },
        { name: 'deep/data', content: 'x'.repeat(1000), mode: FILE },
      ]),
    );
    expect(unpacked.names).toEqual(['deep', 'deep/data', 'empty', 'run']);
    expect(unpacked.mode('run')).toBe(0o755);
    expect(unpacked.text('deep/data')).toBe('x'.repeat(1000));
  });

  it('unpacks a zip64', async () => {
    const content = 'plenty';
    const size = BigInt(content.length);
    const { text } = await unpack(
      rawZip([{ name: 'a', content, method: 0, zip64: { bytes: size, packedBytes: size } }]),
    );
    expect(text('a')).toBe(content);
  });

  it('gives programs from Windows the right to be run, and says which', async () => {
    const unpacked = await unpack(
      rawZip([
        { name: 'game.x86_64', content: '\x7fELF…' },
        { name: 'start.sh', content: '#!/bin/sh\n' },
        { name: 'readme.txt', content: 'read me' },
      ]),
    );
    expect(unpacked.madePrograms).toEqual(['game.x86_64', 'start.sh']);
    expect(unpacked.mode('game.x86_64')).toBe(0o755);
    expect(unpacked.mode('readme.txt')).toBe(0o644);
  });

  it('drops setuid, setgid and sticky bits, and says of which', async () => {
    const unpacked = await unpack(
      gzipSync(
        rawTar([
          { name: 'root', content: 'x', mode: 0o4755 },
          { name: 'group', content: 'x', mode: 0o2644 },
          { name: 'plain', content: 'x', mode: 0o666 },
        ]),
      ),
    );
    expect(unpacked.privileged).toEqual(['root', 'group']);
    expect(unpacked.mode('root')).toBe(0o755);
    expect(unpacked.mode('group')).toBe(0o644);
    expect(unpacked.mode('plain')).toBe(0o644);
  });

  it('keeps links that stay within, hard and symbolic, and names those that lead to nothing', async () => {
    const unpacked = await unpack(
      gzipSync(
        rawTar([
          { name: 'lib/libgame.so.1', content: 'library' },
          { name: 'lib/libgame.so', type: '2', target: 'libgame.so.1' },
          { name: 'bin/up.so', type: '2', target: '../lib/./libgame.so' },
          { name: 'copy', type: '1', target: './lib/libgame.so.1' },
          { name: 'gone', type: '2', target: 'lib/missing' },
        ]),
      ),
    );
    expect(unpacked.text('bin/up.so')).toBe('library');
    expect(unpacked.text('copy')).toBe('library');
    expect(unpacked.danglingLinks).toEqual(['gone']);
  });

  it('reads long names, in the way of pax, of GNU and of ustar', async () => {
    const long = `${'long/'.repeat(25)}name`;
    const gnu = `${'gnu-'.repeat(50)}name`;
    const { names } = await unpack(
      gzipSync(
        rawTar([
          paxHeader({ comment: 'all' }, 'g'),
          paxHeader({ path: long, mtime: '1.5' }),
          { name: 'short', content: 'a' },
          { name: '././@LongLink', type: 'L', content: `${gnu}\0` },
          { name: 'cut', content: 'b' },
        ]),
      ),
    );
    expect(names).toContain(long);
    expect(names).toContain(gnu);
    expect(names).not.toContain('short');
  });

  it('reads names in UTF-8 that do not say so, and in CP437', async () => {
    const { names } = await unpack(
      rawZip([
        { name: 'musik/größe.ogg', flags: 0 },
        { name: Buffer.from([0x73, 0x81, 0xe1]), flags: 0 },
      ]),
    );
    expect(names).toEqual(['musik', 'musik/größe.ogg', 'süß']);
  });

  it('leaves out what macOS adds', async () => {
    const { names, litter } = await unpack(
      rawZip([
        { name: 'game/a', content: 'a' },
        { name: 'game/.DS_Store', content: 'x' },
        { name: '__MACOSX/game/._a', content: 'x' },
      ]),
    );
    expect(names).toEqual(['game', 'game/a']);
    expect(litter).toBe(2);
  });
});

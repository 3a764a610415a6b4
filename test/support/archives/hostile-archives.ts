import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import type { RefusalReason } from '../../../signaling/studio/builds/archive-refusal.ts';
import { paxHeader, rawTar, TAR_END } from './raw-tar.ts';
import { rawZip } from './raw-zip.ts';

/** An archive that must not be taken, why, and what its refusal says. */
export interface HostileArchive {
  readonly name: string;
  readonly reason: RefusalReason;
  readonly says: string | RegExp;
  readonly bytes: () => Buffer;
}

const GOOD = { name: 'a.txt', content: 'good' };
const MIB = 2 ** 20;
const LINK = 0o120777;
/** Compresses a thousandfold. */
const EMPTY = Buffer.alloc(2 * MIB);
const LONG_NAME = 'n'.repeat(256);
const ACCENT = ['caf\u00e9.txt', 'cafe\u0301.txt'] as const;

/** Undefined where this machine has no zstd. */
export function zstd(bytes: Buffer): Buffer {
  const { stdout, status } = spawnSync('zstd', ['--stdout', '--quiet', '--check'], {
    input: bytes,
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error('zstd did not pack');
  return stdout;
}

const zip = (name: string, reason: RefusalReason, says: string | RegExp, bytes: () => Buffer) => ({
  name: `zip: ${name}`,
  reason,
  says,
  bytes,
});
const tar = (name: string, reason: RefusalReason, says: string | RegExp, bytes: () => Buffer) => ({
  name: `tar: ${name}`,
  reason,
  says,
  bytes: () => gzipSync(bytes()),
});

const withByte = (bytes: Buffer, at: number, change: (byte: number) => number): Buffer => {
  const changed = Buffer.from(bytes);
  const where = at < 0 ? bytes.length + at : at;
  changed[where] = change(changed[where] ?? 0);
  return changed;
};

const names = (...all: string[]) => all.map((name) => ({ name, content: name }));

/** With the limits of {@link HOSTILE_LIMITS}. */
export const HOSTILE_ARCHIVES: readonly HostileArchive[] = [
  zip('a path that leads out', 'unsafe-path', '"../evil.sh"', () => rawZip(names('../evil.sh'))),
  zip('a path that leads out from within', 'unsafe-path', '"a/../../evil"', () =>
    rawZip(names('a/../../evil')),
  ),
  zip('an absolute path', 'unsafe-path', '"/etc/cron.d/evil"', () =>
    rawZip(names('/etc/cron.d/evil')),
  ),
  zip('a drive letter', 'unsafe-path', '"C:/evil.exe"', () => rawZip(names('C:/evil.exe'))),
  zip('a backslash', 'unsafe-path', /backslash/, () => rawZip(names('Data\\..\\evil'))),
  zip('a symbolic link out of the tree', 'unsafe-link', '"../../etc"', () =>
    rawZip([{ name: 'a/link', content: '../../etc', mode: LINK }]),
  ),
  zip('an absolute symbolic link', 'unsafe-link', '"/etc/passwd"', () =>
    rawZip([{ name: 'link', content: '/etc/passwd', mode: LINK }]),
  ),
  zip('a file written through a symbolic link', 'unsafe-link', /below "link"/, () =>
    rawZip([{ name: 'link', content: 'a', mode: LINK }, ...names('link/evil')]),
  ),
  zip('a symbolic link longer than any', 'unsafe-link', '"link"', () =>
    rawZip([{ name: 'link', content: 'x'.repeat(5000), mode: LINK }]),
  ),
  zip('a device', 'special-file', '"disk"', () => rawZip([{ name: 'disk', mode: 0o060666 }])),
  zip('a socket', 'special-file', '"socket"', () => rawZip([{ name: 'socket', mode: 0o140666 }])),
  zip(
    'names that differ by case',
    'name-collision',
    /"Data\/a" and "data\/b"|"Data" and "data"/,
    () => rawZip(names('Data/a', 'data/b')),
  ),
  zip('names that differ by normalisation', 'name-collision', /accents/, () =>
    rawZip(names(...ACCENT)),
  ),
  zip('one name twice', 'duplicate', /"a.txt" is in the archive twice/, () =>
    rawZip([GOOD, { ...GOOD, content: 'other' }]),
  ),
  zip('a file that is a folder too', 'duplicate', '"a.txt"', () =>
    rawZip([GOOD, ...names('a.txt/b')]),
  ),
  zip('a name with a zero byte', 'bad-name', /\\u0000/, () => rawZip(names('a\0.txt'))),
  zip('a name that is too long', 'bad-name', /255 bytes/, () => rawZip(names(LONG_NAME))),
  zip('a path that is too long', 'bad-name', /1024 bytes/, () =>
    rawZip(names(Array.from({ length: 12 }, () => 'n'.repeat(100)).join('/'))),
  ),
  zip('folders too deep', 'too-deep', /40 folders/, () => rawZip(names(`${'d/'.repeat(40)}f`))),
  zip('too many files', 'too-many', /1200 files/, () =>
    rawZip(names(...Array.from({ length: 1200 }, (_, i) => `f${i}`))),
  ),
  zip('more than is taken', 'too-large', '"big-2"', () =>
    rawZip([0, 1, 2, 3].map((i) => ({ name: `big-${i}`, content: EMPTY, method: 0 }))),
  ),
  zip('a bomb', 'bomb', /bomb/, () => rawZip([{ name: 'zeros', content: EMPTY }])),
  zip('a bomb that hides its size', 'lying-size', '"zeros"', () =>
    rawZip([{ name: 'zeros', content: EMPTY, bytes: 100 }]),
  ),
  zip('entries that overlap', 'overlap', /"a.txt" and "b.txt"|"b.txt" and "a.txt"/, () =>
    rawZip([GOOD, { ...GOOD, name: 'b.txt', at: 0, directoryOnly: true }]),
  ),
  zip('an entry within another', 'overlap', '"inner"', () => {
    const inner = rawZip([{ name: 'inner', content: 'x', method: 0 }]);
    const outer = { name: 'outer', content: inner, method: 0 };
    return rawZip([
      outer,
      { name: 'inner', content: 'x', method: 0, at: 30 + 'outer'.length, directoryOnly: true },
    ]);
  }),
  zip('a stored file of another size', 'lying-size', /size/, () =>
    rawZip([{ ...GOOD, method: 0, bytes: 4000 }]),
  ),
  zip('fewer bytes than said', 'lying-size', '"a.txt"', () => rawZip([{ ...GOOD, bytes: 4000 }])),
  zip('an impossible size in zip64', 'too-large', '"a.txt"', () =>
    rawZip([{ ...GOOD, zip64: { bytes: 2n ** 63n, packedBytes: 2n ** 63n } }]),
  ),
  zip('a huge size in zip64', 'too-large', '"a.txt"', () =>
    rawZip([{ ...GOOD, zip64: { bytes: 2n ** 40n, packedBytes: 6n } }]),
  ),
  zip('an encrypted entry', 'encrypted', /"a.txt" is encrypted/, () =>
    rawZip([{ ...GOOD, flags: 0x801 }]),
  ),
  zip('strong encryption', 'encrypted', /password/, () => rawZip([{ ...GOOD, flags: 0x840 }])),
  zip('a method that few know', 'unsupported', /LZMA/, () => rawZip([{ ...GOOD, method: 14 }])),
  zip('one part of several', 'unsupported', /single file/, () => rawZip([GOOD], { disk: 1 })),
  zip('a wrong checksum', 'damaged', /"a.txt" is damaged: its checksum/, () =>
    rawZip([{ ...GOOD, crc32: 1 }]),
  ),
  zip('a damaged content', 'damaged', '"a.txt"', () =>
    withByte(rawZip([{ name: 'a.txt', content: 'abcdefgh'.repeat(999) }]), 36, () => 0xff),
  ),
  zip('two names for one entry', 'damaged', /two names/, () =>
    rawZip([{ ...GOOD, localName: 'b.txt' }]),
  ),
  zip('a cut end', 'damaged', /damaged/, () => rawZip([GOOD]).subarray(0, -30)),
  zip('something after its end', 'trailing-data', /follows the end/, () =>
    rawZip([GOOD], { after: Buffer.from('evil') }),
  ),
  zip('more entries than it says', 'damaged', /more files than it says/, () =>
    rawZip([GOOD, { ...GOOD, name: 'hidden' }], { count: 1 }),
  ),
  zip('nothing in it', 'empty', /empty/, () => rawZip([])),

  tar('a path that leads out', 'unsafe-path', '"../evil"', () => rawTar(names('../evil'))),
  tar('an absolute path', 'unsafe-path', '"/etc/passwd"', () => rawTar(names('/etc/passwd'))),
  tar('an absolute path in a pax header', 'unsafe-path', '"/etc/passwd"', () =>
    rawTar([paxHeader({ path: '/etc/passwd' }), GOOD]),
  ),
  tar('a path that leads out in a long name', 'unsafe-path', /"\.\.\//, () =>
    rawTar([{ name: '././@LongLink', type: 'L', content: `../${'x'.repeat(150)}\0` }, GOOD]),
  ),
  tar('a symbolic link out of the tree', 'unsafe-link', '"../../root"', () =>
    rawTar([{ name: 'a/link', type: '2', target: '../../root' }]),
  ),
  tar('a symbolic link out through another', 'unsafe-link', '"up/.."', () =>
    rawTar([
      { name: 'a/b/c', content: '' },
      { name: 'up', type: '2', target: 'a/..' },
      { name: 'out', type: '2', target: 'up/..' },
    ]),
  ),
  tar('symbolic links in a circle', 'unsafe-link', /leads back/, () =>
    rawTar([
      { name: 'one', type: '2', target: 'two' },
      { name: 'two', type: '2', target: 'one' },
    ]),
  ),
  tar('a file written through a symbolic link', 'unsafe-link', /below "out"/, () =>
    rawTar(
      [{ name: 'out', type: '2', target: '/tmp' }, ...names('out/evil')].map((entry) =>
        entry.name === 'out' ? { ...entry, target: 'a' } : entry,
      ),
    ),
  ),
  tar('a hard link out of the tree', 'unsafe-path', '"/etc/shadow"', () =>
    rawTar([{ name: 'link', type: '1', target: '/etc/shadow' }]),
  ),
  tar('a hard link to a symbolic link', 'unsafe-link', '"hard"', () =>
    rawTar([
      { name: 'soft', type: '2', target: 'a' },
      { name: 'hard', type: '1', target: 'soft' },
    ]),
  ),
  tar('a bomb of hard links', 'bomb', /bomb/, () =>
    rawTar([
      { name: 'once', content: noise(MIB / 64, 1) },
      ...Array.from({ length: 900 }, (_, i) => ({ name: `again-${i}`, type: '1', target: 'once' })),
    ]),
  ),
  tar('a device', 'special-file', '"disk"', () => rawTar([{ name: 'disk', type: '4' }])),
  tar('a pipe', 'special-file', '"pipe"', () => rawTar([{ name: 'pipe', type: '6' }])),
  tar('names that differ by case', 'name-collision', /"Game" and "game"/, () =>
    rawTar(names('Game', 'game')),
  ),
  tar('one name twice', 'duplicate', '"a.txt"', () => rawTar([GOOD, GOOD])),
  tar('a name that is not UTF-8', 'bad-name', /UTF-8/, () =>
    rawTar([{ ...GOOD, name: Buffer.from([0x61, 0xff]) }]),
  ),
  tar('a name of megabytes', 'bad-name', /bytes/, () =>
    rawTar([{ name: 'x', type: 'x', bytes: 64 * MIB }, GOOD]),
  ),
  tar('a bomb', 'bomb', /bomb/, () => rawTar([{ name: 'zeros', content: EMPTY }])),
  tar('more than is taken', 'too-large', '"noise-2"', () =>
    rawTar([0, 1, 2, 3].map((i) => ({ name: `noise-${i}`, content: noise(2 * MIB, i) }))),
  ),
  tar('a size below zero', 'damaged', /large|none/, () =>
    rawTar([{ ...GOOD, sizeField: Buffer.alloc(12, 0xff) }]),
  ),
  tar('a sparse file', 'unsupported', /sparse/, () =>
    rawTar([paxHeader({ 'GNU.sparse.major': '1' }), GOOD]),
  ),
  tar('an entry of an unknown kind', 'unsupported', '"V"', () => rawTar([{ ...GOOD, type: 'V' }])),
  tar('a wrong checksum of a header', 'damaged', /checksum/, () =>
    rawTar([{ ...GOOD, checksum: 7 }]),
  ),
  tar('a cut within a file', 'damaged', /within "a.txt"/, () =>
    rawTar([{ ...GOOD, content: 'x'.repeat(5000) }]).subarray(0, 1024),
  ),
  tar('a cut between two files', 'damaged', /cut off/, () => rawTar([GOOD], Buffer.alloc(0))),
  tar('a second archive after its end', 'trailing-data', /two different builds/, () =>
    rawTar([GOOD], Buffer.concat([TAR_END, rawTar(names('evil'))])),
  ),
  {
    name: 'tar.gz: a cut end',
    reason: 'damaged',
    says: /cut off/,
    bytes: () => gzipSync(rawTar([{ name: 'n', content: noise(MIB, 1) }])).subarray(0, -5000),
  },
  {
    name: 'tar.gz: a wrong checksum',
    reason: 'damaged',
    says: /gzip file is damaged/,
    bytes: () => withByte(gzipSync(rawTar([GOOD])), -6, (byte) => byte ^ 1),
  },
  {
    name: 'tar.gz: something after its end',
    reason: 'damaged',
    says: /gzip file is damaged/,
    bytes: () => Buffer.concat([gzipSync(rawTar([GOOD])), Buffer.from('evil')]),
  },
  {
    name: 'tar.zst: a bomb',
    reason: 'bomb',
    says: /bomb/,
    bytes: () => zstd(rawTar([{ name: 'zeros', content: EMPTY }])),
  },
  {
    name: 'tar.zst: a cut end',
    reason: 'damaged',
    says: /zstd file is damaged or cut off/,
    bytes: () => zstd(rawTar([{ name: 'n', content: noise(MIB, 1) }])).subarray(0, -5000),
  },
  {
    name: 'tar.zst: a wrong checksum',
    reason: 'damaged',
    says: /zstd file is damaged/,
    bytes: () => withByte(zstd(rawTar([GOOD])), -1, (byte) => byte ^ 1),
  },
  {
    name: 'something after the end of a tar.zst',
    reason: 'damaged',
    says: /zstd file is damaged/,
    bytes: () => Buffer.concat([zstd(rawTar([GOOD])), Buffer.from('evil')]),
  },
  {
    name: 'a 7z archive',
    reason: 'unknown-format',
    says: /7z archive\. Pack .* as \.zip/,
    bytes: () => Buffer.from('377abcaf271c0004', 'hex'),
  },
  {
    name: 'an empty file',
    reason: 'unknown-format',
    says: /an empty file/,
    bytes: () => Buffer.alloc(0),
  },
];

/** Small, so that archives which go beyond them are. */
export const HOSTILE_LIMITS = {
  bytes: 5 * MIB,
  entries: 1000,
  depth: 32,
  ratio: 200,
  freeBytes: MIB,
} as const;

/** Bytes that do not compress, the same for the same seed (xorshift32). */
export function noise(bytes: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let state = (seed + 1) * 2_654_435_761;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return Buffer.from(words.buffer, 0, bytes);
}

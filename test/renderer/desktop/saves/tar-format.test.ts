import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTar, type TarEntry, writeTar } from '../../../../renderer/desktop/saves/tar-format.ts';

const written = (entries: Iterable<TarEntry>) => Buffer.concat([...writeTar(entries)]);

/** Any byte but the slash and zero, as the file system has it. */
const part = fc
  .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 60 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x2f ? 0x2e : byte))))
  .map((name) => name.toString('latin1'))
  .filter((name) => name !== '.' && name !== '..');
const path = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'));
const content = fc.option(fc.uint8Array({ maxLength: 1600 }), { nil: undefined });

/** An archive whose one header was changed, with its checksum set right again. */
function forged(change: (header: Buffer) => void, entry?: TarEntry): Buffer {
  const tar = written([entry ?? { path: 'save', content: Buffer.from('x') }]);
  const header = tar.subarray(0, 512);
  change(header);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return tar;
}

describe('tar format', () => {
  it('reads what it wrote, whatever the names and contents', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ path, content }), { maxLength: 8 }), (entries) => {
        const read = readTar(written(entries));
        expect(read.map((entry) => entry.path)).toEqual(entries.map((entry) => entry.path));
        for (const [i, entry] of entries.entries()) {
          const bytes = read[i]?.content;
          expect(bytes && [...bytes]).toEqual(entry.content && [...entry.content]);
        }
      }),
    );
  });

  it('refuses every archive that is cut off', () => {
    const tar = written([{ path: 'a'.repeat(150), content: Buffer.alloc(700, 1) }]);
    for (let length = 0; length <= tar.length - 1024; length += 256) {
      expect(() => readTar(tar.subarray(0, length))).toThrow(/cut off/);
    }
  });

  it('never takes garbage for an archive, and fails only in its own way', () => {
    const tar = written([{ path: 'save', content: Buffer.from('x') }]);
    fc.assert(
      fc.property(fc.nat(511), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(tar);
        changed[at] = (changed[at] ?? 0) ^ change;
        expect(() => readTar(changed)).toThrow(/The saved game cannot be read/);
      }),
    );
  });

  it.each(['/etc/passwd', '../outside', 'a/../../outside', 'a/./b', 'a//b', '', '..', 'file/'])(
    'refuses the path "%s"',
    (name) => {
      const tar = forged((header) => header.fill(0, 0, 100).write(name, 0, 'latin1'));
      expect(() => readTar(tar)).toThrow(/leads elsewhere/);
    },
  );

  it('refuses a long name that leads elsewhere', () => {
    const tar = written([{ path: `${'../'.repeat(60)}outside`, content: Buffer.from('x') }]);
    expect(() => readTar(tar)).toThrow(/leads elsewhere/);
  });

  it.each([
    ['hard link', '1'],
    ['symbolic link', '2'],
    ['character device', '3'],
    ['block device', '4'],
    ['pipe', '6'],
    ['long link', 'K'],
    ['extended header', 'x'],
  ])('refuses a %s', (_, type) => {
    const tar = forged((header) => header.write(type, 156, 'latin1'));
    expect(() => readTar(tar)).toThrow(`an entry of the type "${type}"`);
  });

  it('refuses a size that is no octal number', () => {
    const tar = forged((header) => header.write('9', 130, 'latin1'));
    expect(() => readTar(tar)).toThrow(/a number is none/);
  });
});

describe("tar format and the system's tar", () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-tar-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('agree on every byte', () => {
    const long = `${'long'.repeat(30)}-ü`;
    mkdirSync(join(folder, 'saves', long), { recursive: true, mode: 0o755 });
    mkdirSync(join(folder, 'saves/empty'), { mode: 0o755 });
    const one = Buffer.from('one');
    const two = Buffer.alloc(2000, 'two');
    writeFileSync(join(folder, 'saves', long, 'one'), one, { mode: 0o644 });
    writeFileSync(join(folder, 'saves/two'), two, { mode: 0o644 });
    const theirs = execFileSync(
      'tar',
      [
        ['--create', '--format=gnu', '--sort=name', '--blocking-factor=1', '--mtime=@0'],
        ['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX', 'saves'],
      ].flat(),
      { cwd: folder },
    );
    const name = Buffer.from(long).toString('latin1');
    const ours = written([
      { path: 'saves', content: undefined },
      { path: 'saves/empty', content: undefined },
      { path: `saves/${name}`, content: undefined },
      { path: `saves/${name}/one`, content: one },
      { path: 'saves/two', content: two },
    ]);
    expect(Buffer.compare(ours, theirs)).toBe(0);
    expect(readTar(theirs)).toHaveLength(5);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildManifestSchema } from '../../protocol/build-manifest.ts';
import { collisionKey, isBuildPath, readBuildPath } from '../../protocol/build-path.ts';

/** Names as attackers and packers write them. */
const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom('..', '.', '', 'a', 'B', 'é', 'C:', '\\', '\0', ' ', '...', 'x'.repeat(256)),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('/')),
);

describe('readBuildPath', () => {
  it('gives only paths that lead into the build, whatever it reads', () => {
    fc.assert(
      fc.property(names, (name) => {
        const read = readBuildPath(name);
        if ('problem' in read) return;
        const { path } = read;
        expect(path.startsWith('/')).toBe(false);
        expect(path).not.toMatch(/[\\\0]/);
        for (const part of path.split('/')) expect(['', '.', '..']).not.toContain(part);
        expect(isBuildPath(path)).toBe(true);
        // What may be in a build may be named by its manifest.
        expect(buildManifestSchema.shape.cover.safeParse(path).success).toBe(true);
      }),
    );
  });

  it.each([
    ['./game/data', 'game/data'],
    ['game//data/', 'game/data'],
    ['a/./b', 'a/b'],
    ['...', '...'],
    [' spaced name ', ' spaced name '],
  ])('reads %j as %j', (name, path) => expect(readBuildPath(name)).toEqual({ path }));

  it.each([
    ['empty', ''],
    ['empty', './'],
    ['absolute', '/a'],
    ['drive', 'C:a'],
    ['drive', './C:a'],
    ['backslash', 'a\\b'],
    ['parent', 'a/..'],
    ['control', 'a\nb'],
    ['control', '\ud800'],
    ['name-too-long', 'é'.repeat(128)],
    ['path-too-long', 'a/'.repeat(600)],
  ])('refuses what is %s, whatever else (%#)', (problem, name) =>
    expect(readBuildPath(name)).toEqual({ problem }),
  );
});

describe('collisionKey', () => {
  it('is the same where only case or the form of accents differ', () => {
    for (const [a, b] of [
      ['Data/A.TXT', 'data/a.txt'],
      ['caf\u00e9', 'cafe\u0301'],
      ['STRASSE', 'straße'],
    ] as const) {
      expect(collisionKey(a)).toBe(collisionKey(b));
    }
    expect(collisionKey('a')).not.toBe(collisionKey('b'));
  });
});

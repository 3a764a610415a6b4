import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  buildManifestSchema,
  gameInfoOf,
  manifestJsonSchema,
  parseManifest,
} from '../../protocol/build-manifest.ts';
import { gameInfoSchema } from '../../protocol/game-info.ts';
import { MANIFEST } from '../support/build-folders.ts';

/** What `parseManifest` says of a manifest with these fields. */
function problem(fields: object): string {
  try {
    parseManifest(JSON.stringify({ ...MANIFEST, ...fields }));
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return 'none';
}

/** A game of every kind that a studio may bring, with most of what there is to say. */
const EXAMPLES: readonly (readonly [string, Record<string, unknown>])[] = [
  ['the least there is to say', MANIFEST],
  [
    'a native game',
    {
      $schema: 'http://localhost:8080/schema/rockpool.json',
      id: 'freedoom',
      title: 'Freedoom',
      summary: 'Corridors, and what lives in them.',
      runtime: 'linux',
      entry: '/usr/games/chocolate-doom',
      arguments: ['-iwad', '/usr/share/games/doom/freedoom1.wad'],
      environment: { SDL_VIDEODRIVER: 'x11' },
      resolution: { width: 800, height: 600 },
      frameRate: 35,
      inputs: ['keyboard', 'mouse', 'gamepad'],
      pointerLock: true,
      controls: [{ action: 'Shoot', keyboard: 'Ctrl', mouse: 'left button', gamepad: 'RT' }],
      touchButtons: [{ button: 0, label: 'Shoot' }],
      pad: {
        buttons: { '0': { key: 'Space' }, '7': { mouse: 'left' } },
        leftStick: { up: 'KeyW', down: 'KeyS', left: 'KeyA', right: 'KeyD' },
        rightStick: { pointerSpeed: 800 },
      },
      saves: ['.local/share/chocolate-doom'],
      limits: { memoryMib: 512, cpus: 1 },
      packages: ['chocolate-doom', 'freedoom'],
      cover: 'cover.png',
    },
  ],
  ['a web game', { id: 'pond', title: 'Pond', runtime: 'web', entry: 'index.html', network: true }],
];

describe('parseManifest', () => {
  it.each(EXAMPLES)('takes %s', (_name, manifest) => {
    const parsed = parseManifest(JSON.stringify(manifest));
    expect(parsed).toMatchObject(manifest);
    expect(buildManifestSchema.parse(parsed)).toEqual(parsed);
  });

  it('fills in what is left out', () => {
    expect(parseManifest(JSON.stringify(MANIFEST))).toEqual({
      ...MANIFEST,
      summary: '',
      arguments: [],
      environment: {},
      resolution: { width: 1280, height: 720 },
      resizable: false,
      frameRate: 60,
      inputs: ['keyboard', 'mouse'],
      pointerLock: false,
      controls: [],
      touchButtons: [],
      players: 1,
      nativePads: true,
      saves: [],
      network: false,
      limits: { memoryMib: 4096, cpus: 4, processes: 512, diskMib: 512, openFiles: 4096 },
      packages: [],
    });
  });

  it.each([
    [{ runtime: 'windows' }, 'runtime: "linux" or "web"'],
    [{ id: 'My Game' }, 'id: lower-case letters, digits and dashes'],
    [{ entry: '../game' }, 'entry: a file of the build, such as "bin/game", or a program'],
    [{ nativePads: 'no' }, 'nativePads'],
    [{ pad: { buttons: { '0': { key: 'W' } } } }, 'pad.buttons.0'],
    [{ pad: { buttons: { '17': { key: 'KeyW' } } } }, 'pad.buttons.17'],
    [{ resolution: { width: 801, height: 600 } }, 'resolution.width: an even number'],
    [{ packages: ['Not A Package'] }, 'packages.0: a Debian package name'],
    [{ saves: ['/home/player/x'] }, 'saves.0: a path inside the build'],
    [{ frameRate: 0 }, 'frameRate: '],
    [{ limits: { memoryMib: 1 } }, 'limits.memoryMib: '],
  ])('names the field and what it may be: %o', (fields, expected) => {
    expect(problem(fields)).toContain(`  ${expected}`);
  });

  it('names every problem at once', () => {
    const said = problem({ id: '', runtime: 'dos', entry: '', players: 9 });
    expect(said.split('\n').map((line) => line.trim().split(':')[0])).toEqual([
      'rockpool.json has problems',
      'id',
      'runtime',
      'entry',
      'players',
    ]);
  });

  it('names a required field that is missing', () => {
    const { entry: _, ...rest } = MANIFEST;
    expect(() => parseManifest(JSON.stringify(rest))).toThrow(/has a problem:\n {2}entry: /);
  });

  it.each([
    [{ wdith: 800 }, /rockpool.json: .*wdith/],
    [{ resolution: { width: 800, height: 600, depth: 24 } }, /resolution: .*depth/],
    [{ limits: { gpus: 1 } }, /limits: .*gpus/],
    [{ controls: [{ action: 'Jump', pen: 'tap' }] }, /controls.0: .*pen/],
  ])('refuses a key it does not know: %o', (fields, expected) => {
    expect(problem(fields)).toMatch(expected);
  });

  it('says that something is no JSON, and where', () => {
    expect(() => parseManifest('{ "id": pond }')).toThrow(
      expect.objectContaining({
        code: 'bad-manifest',
        message: expect.stringMatching(/^rockpool.json is not JSON: .*/),
      }),
    );
    expect(() => parseManifest('[]')).toThrow(/rockpool.json has a problem/);
  });
});

describe('the paths of a manifest', () => {
  const taken = (fields: object) => problem(fields) === 'none';

  it.each(['game', 'bin/game', 'a b/ü', '..data/x', 'x.'])('may be %s', (path) => {
    expect(taken({ entry: path })).toBe(true);
    expect(taken({ cover: path, workingFolder: path, saves: [path] })).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/../../x',
    'a/./b',
    'a//b',
    'a/',
    '/etc/passwd',
    'a\\b',
    'a\0',
  ])('may not be %j', (path) => {
    for (const field of ['entry', 'cover', 'workingFolder']) {
      expect(taken({ [field]: path })).toBe(false);
    }
    expect(taken({ saves: [path] })).toBe(false);
  });

  it.each([
    ['/usr/games/chocolate-doom', true],
    ['/usr/bin/..hidden', true],
    ['/usr/', false],
    ['/usr/../etc/passwd', false],
    ['/usr/bin/./x', false],
    ['/usr//bin/x', false],
    ['/usr/bin/..', false],
    ['/usrx/bin', false],
    ['/bin/sh', false],
  ])('may name %s as a program: %s', (entry, allowed) => {
    expect(taken({ entry })).toBe(allowed);
    expect(taken({ cover: entry })).toBe(false);
  });
});

describe('gameInfoOf', () => {
  it.each(EXAMPLES)('is what a container may join with, for %s', (_name, manifest) => {
    const info = gameInfoOf(buildManifestSchema.parse(manifest));
    expect(gameInfoSchema.parse(info)).toEqual(info);
    expect(info).toMatchObject({ id: manifest.id, diagnostic: false });
  });
});

describe('manifestJsonSchema', () => {
  const schema = manifestJsonSchema();
  const fromJsonSchema = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

  it.each(EXAMPLES)('takes %s', (_name, manifest) => {
    expect(fromJsonSchema.safeParse(manifest)).toMatchObject({ success: true });
  });

  it.each([
    [{ runtime: 'windows' }],
    [{ wdith: 800 }],
    [{ frameRate: 0 }],
    [{ id: 'My Game' }],
    [{ resolution: { width: 800 } }],
  ])('refuses what the program refuses: %o', (fields) => {
    expect(fromJsonSchema.safeParse({ ...MANIFEST, ...fields }).success).toBe(false);
  });

  it('explains its fields, and asks for no more than the program does', () => {
    expect(schema).toMatchObject({
      required: ['id', 'title', 'runtime', 'entry'],
      additionalProperties: false,
      properties: { entry: { description: expect.stringContaining('linux: the program') } },
    });
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });
});

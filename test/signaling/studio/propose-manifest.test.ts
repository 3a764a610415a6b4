import { describe, expect, it } from 'vitest';
import { buildManifestSchema } from '../../../protocol/build-manifest.ts';
import { FileLookup } from '../../../signaling/studio/builds/file-lookup.ts';
import { proposeManifest } from '../../../signaling/studio/proposal/propose-manifest.ts';
import { titleFromName } from '../../../signaling/studio/proposal/title-from-name.ts';
import { elf, elfLibrary, type MadeUpFile, madeUpBuild } from '../../support/made-up-build.ts';

const page = (title: string) =>
  `<title>${title}</title><canvas></canvas><script src="a.js"></script>`;
const program = (bytes = 512) => ({ program: elf({ bytes }) });
const script = { program: '#!/bin/sh\n' };

interface Layout {
  readonly name: string;
  readonly upload?: string;
  readonly files: Readonly<Record<string, MadeUpFile>>;
  readonly kind: string;
  readonly confidence: string;
  readonly manifest: object;
  readonly reason: string;
}

const LAYOUTS: readonly Layout[] = [
  {
    name: 'Unity for the web',
    files: {
      'index.html': page('Unity WebGL Player | Tidal Pools'),
      'Build/game.loader.js': '',
      'Build/game.wasm.br': '',
      'TemplateData/style.css': '',
    },
    kind: 'a Unity web build',
    confidence: 'certain',
    manifest: { runtime: 'web', entry: 'index.html', title: 'Tidal Pools', id: 'tidal-pools' },
    reason: 'Found index.html and Build/game.loader.js: a Unity web build.',
  },
  {
    name: 'Unity for the web, one folder down and without a title',
    upload: 'SuperCrab_WebGL_v1.2.zip',
    files: { 'Web/index.html': page('Unity Web Player'), 'Web/Build/x.loader.js': '' },
    kind: 'a Unity web build',
    confidence: 'certain',
    manifest: { entry: 'Web/index.html', title: 'Super Crab', id: 'super-crab' },
    reason: 'Web/Build/x.loader.js',
  },
  {
    name: 'Unity for the web, with a title that makes no id',
    files: { 'index.html': page('日本'), 'Build/game.loader.js': '', 'Build/game.wasm': '' },
    kind: 'a Unity web build',
    confidence: 'certain',
    manifest: { title: '日本', id: 'game' },
    reason: 'Build/game.loader.js',
  },
  {
    name: 'Godot for the web',
    files: {
      'Reef.html': page('Reef &amp; Ruin'),
      'Reef.js': '',
      'Reef.wasm': '',
      'Reef.pck': '',
      'Reef.audio.worklet.js': '',
    },
    kind: 'a Godot web build',
    confidence: 'certain',
    manifest: { runtime: 'web', entry: 'Reef.html', title: 'Reef & Ruin', id: 'reef-ruin' },
    reason: 'Reef.pck',
  },
  {
    name: 'Unreal for the web',
    files: { 'Crab.html': page('Crab'), 'Crab-HTML5-Shipping.wasm': '', 'Crab.data': '' },
    kind: 'an Unreal web build',
    confidence: 'likely',
    manifest: { entry: 'Crab.html', title: 'Crab' },
    reason: 'Crab-HTML5-Shipping.wasm',
  },
  {
    name: 'Emscripten',
    files: {
      'shell.html': page('Emscripten-Generated Code'),
      'shell.js': '',
      'shell.wasm': '',
      'shell.data': '',
    },
    kind: 'an Emscripten web build',
    confidence: 'certain',
    manifest: { entry: 'shell.html', title: 'Upload' },
    reason: 'shell.wasm',
  },
  {
    name: 'GameMaker for the web',
    files: { 'index.html': page('Urchin'), 'html5game/Urchin.js': '' },
    kind: 'a GameMaker web build',
    confidence: 'certain',
    manifest: { entry: 'index.html', title: 'Urchin' },
    reason: 'html5game/Urchin.js',
  },
  {
    name: 'Construct',
    files: { 'index.html': page('Limpet'), 'scripts/c3runtime.js': '' },
    kind: 'a Construct web build',
    confidence: 'certain',
    manifest: { title: 'Limpet' },
    reason: 'c3runtime.js',
  },
  {
    name: 'RPG Maker in its folder www',
    files: { 'www/index.html': page('Kelp Quest'), 'www/js/rpg_core.js': '' },
    kind: 'an RPG Maker web build',
    confidence: 'certain',
    manifest: { entry: 'www/index.html', title: 'Kelp Quest' },
    reason: 'www/js/rpg_core.js',
  },
  {
    name: 'a page by hand',
    files: { 'index.html': page('Drift'), 'main.js': '', 'cover.webp': '' },
    kind: 'a page',
    confidence: 'likely',
    manifest: { entry: 'index.html', title: 'Drift', cover: 'cover.webp' },
    reason: 'Found index.html, a page with a script.',
  },
  {
    name: 'Unity for Linux',
    files: {
      'TidePool.x86_64': program(),
      'UnityPlayer.so': elfLibrary(),
      UnityCrashHandler64: program(4096),
      'TidePool_Data/app.info': 'Salt Works\nTide Pool\n',
      'TidePool_Data/globalgamemanagers': '',
    },
    kind: 'a Unity Linux build',
    confidence: 'certain',
    manifest: {
      runtime: 'linux',
      entry: 'TidePool.x86_64',
      title: 'Tide Pool',
      id: 'tide-pool',
      saves: ['.config/unity3d/Salt Works/Tide Pool'],
    },
    reason: 'Found TidePool.x86_64 and the folder TidePool_Data',
  },
  {
    name: 'Godot for Linux, without the bit',
    files: { 'barnacle.x86_64': elf(), 'barnacle.pck': '' },
    kind: 'a Godot Linux build',
    confidence: 'certain',
    manifest: { entry: 'barnacle.x86_64', title: 'Barnacle' },
    reason: 'barnacle.pck',
  },
  {
    name: 'Unreal for Linux',
    files: {
      'Anemone.sh': script,
      'Anemone/Binaries/Linux/Anemone-Linux-Shipping': program(9000),
      'Engine/Binaries/Linux/CrashReportClient': program(20_000),
    },
    kind: 'an Unreal Linux build',
    confidence: 'certain',
    manifest: { entry: 'Anemone.sh', title: 'Anemone', saves: ['.config/Epic/Anemone/Saved'] },
    reason: 'Anemone/Binaries/Linux/Anemone-Linux-Shipping',
  },
  {
    name: "Ren'Py",
    files: {
      'SeaGlass.sh': script,
      'SeaGlass.exe': 'MZ',
      'renpy/main.py': '',
      'lib/py3-linux-x86_64/SeaGlass': program(),
    },
    kind: "a Ren'Py build",
    confidence: 'certain',
    manifest: { entry: 'SeaGlass.sh', title: 'Sea Glass', saves: ['.renpy'] },
    reason: 'renpy',
  },
  {
    name: 'GameMaker for Linux',
    upload: 'whelk-linux.zip',
    files: { runner: program(), 'assets/game.unx': '' },
    kind: 'a GameMaker Linux build',
    confidence: 'certain',
    manifest: { entry: 'runner', title: 'Whelk' },
    reason: 'assets/game.unx',
  },
  {
    name: 'LÖVE',
    files: { 'mussel.love': '' },
    kind: 'a LÖVE game',
    confidence: 'likely',
    manifest: { entry: '/usr/bin/love', packages: ['love'], arguments: ['/game/mussel.love'] },
    reason: 'mussel.love',
  },
  {
    name: 'a game in Python',
    files: { 'tidelight/main.py': 'import stage\n', 'tidelight/stage.py': 'import pygame\n' },
    kind: 'a Python game',
    confidence: 'likely',
    manifest: {
      entry: '/usr/bin/python3',
      arguments: ['/game/tidelight/main.py'],
      packages: ['python3-pygame'],
      title: 'Tidelight',
    },
    reason: 'Found tidelight/main.py, a game that uses pygame.',
  },
  {
    name: 'a start script beside programs',
    files: { 'start.sh': script, 'bin/pond': program(9000), 'bin/tool': program() },
    kind: 'a Linux build with a start script',
    confidence: 'likely',
    manifest: { entry: 'start.sh' },
    reason: 'start.sh',
  },
  {
    name: 'one program and its libraries',
    files: { cockle: program(), 'lib/libSDL2.so.0': elfLibrary(), 'readme.html': '<p>Read me' },
    kind: 'a Linux program',
    confidence: 'likely',
    manifest: { entry: 'cockle', title: 'Cockle' },
    reason: 'Found cockle, a program for Linux on x64.',
  },
];

const propose = (files: Layout['files'], name?: string) =>
  proposeManifest(new FileLookup(madeUpBuild(files, name)));

describe('proposeManifest', () => {
  it.each(LAYOUTS)('knows $name', async ({ files, upload, kind, confidence, manifest, reason }) => {
    const { proposal, problem } = await propose(files, upload);
    expect(problem).toBeUndefined();
    expect(proposal).toMatchObject({ kind, confidence, manifest });
    expect(proposal?.reasons.join('\n')).toContain(reason);
    expect(buildManifestSchema.safeParse(proposal?.manifest).error).toBeUndefined();
  });

  it('asks what no file says, and nothing that one does', async () => {
    const unity = await propose(
      LAYOUTS.find(({ name }) => name === 'Unity for Linux')?.files ?? {},
    );
    expect(unity.proposal?.questions.map(({ field }) => field)).toEqual([
      'summary',
      'inputs',
      'pointerLock',
      'cover',
    ]);
    const unknown = await propose({ cockle: program(), 'cover.png': '' });
    const fields = unknown.proposal?.questions.map(({ field }) => field);
    expect(fields).toContain('saves');
    expect(fields).not.toContain('cover');
  });

  it('names what else might be meant, and asks which', async () => {
    const { proposal } = await propose({ one: program(9000), two: program(), 'a.html': '<p>' });
    expect(proposal).toMatchObject({ confidence: 'guess', manifest: { entry: 'one' } });
    expect(proposal?.alternatives.map(({ entry }) => entry)).toEqual(
      expect.arrayContaining(['two', 'a.html']),
    );
    expect(proposal?.questions[0]).toEqual({
      field: 'entry',
      question: 'Is the game started by one?',
    });
  });

  it.each([
    ['Windows', { 'Game.exe': 'MZ', 'Game_Data/x': '' }, /for Windows: found Game\.exe/, /Linux/],
    ['macOS', { 'Game.app/Contents/Info.plist': '' }, /for macOS/, /Linux/],
    ['an archive', { 'game.zip': 'PK' }, /game\.zip/, /Unpack/],
    ['nothing at all', { 'readme.txt': '' }, /Nothing to play/, /rockpool\.json/],
    [
      'an AppImage',
      { 'Game.AppImage': { program: '\x7fELF\x02\x01\x01\x00AI\x02' } },
      /AppImage/,
      /--appimage-extract/,
    ],
  ] as const)('says what to do about %s', async (_name, files, what, remedy) => {
    const { proposal, problem } = await propose(files);
    expect(proposal).toBeUndefined();
    expect(problem?.what).toMatch(what);
    expect(problem?.remedy).toMatch(remedy);
  });
});

describe('titleFromName', () => {
  it.each([
    ['MyGame2.x86_64', 'My Game 2'],
    ['super-crab_linux_x86_64-v1.2.3.tar.gz', 'Super Crab'],
    ['NASAProbe-HTML5-Shipping.zip', 'NASA Probe'],
    ['the.last.tide.zip', 'The Last Tide'],
    ['Build', ''],
    ['index.html', ''],
    ['größe 10.zip', 'Größe 10'],
  ])('calls %s "%s"', (name, title) => expect(titleFromName(name)).toBe(title));
});

import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasBubblewrap } from '../../../signaling/studio/builds/confinement.ts';
import { DEFAULT_UNPACK_LIMITS } from '../../../signaling/studio/builds/unpack-limits.ts';
import {
  UnpackedBuild,
  type UnpackedBuildOptions,
} from '../../../signaling/studio/builds/unpacked-build.ts';
import {
  HOSTILE_ARCHIVES,
  HOSTILE_LIMITS,
  noise,
} from '../../support/archives/hostile-archives.ts';
import { rawTar } from '../../support/archives/raw-tar.ts';
import { rawZip } from '../../support/archives/raw-zip.ts';
import { processesWith } from '../../support/processes-with.ts';

const limitsOf = (limits: object) => ({ ...DEFAULT_UNPACK_LIMITS, ...limits });

// Each starts Node and compiles what it runs.
describe.each([true, false])('UnpackedBuild, bubblewrap: %s', { timeout: 60_000 }, (bubblewrap) => {
  let folder: string;
  const opened: UnpackedBuild[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-unpacked-'));
  });
  afterEach(async () => {
    for (const build of opened.splice(0)) await build.close();
    rmSync(folder, { recursive: true });
  });

  async function open(bytes: Buffer, options: Partial<UnpackedBuildOptions> = {}) {
    const archive = join(folder, 'Tide Pool.zip');
    writeFileSync(archive, bytes);
    const build = await UnpackedBuild.open(archive, {
      folder: join(folder, 'builds'),
      limits: DEFAULT_UNPACK_LIMITS,
      bubblewrap,
      ...options,
    });
    opened.push(build);
    return build;
  }

  /** Nothing of the archive, and nobody at work on it. */
  function expectNothingLeft() {
    expect(readdirSync(join(folder, 'builds'))).toEqual([]);
    expect(processesWith(folder)).toEqual([]);
  }

  it('has its files where everybody may read them, until it is closed', async () => {
    const build = await open(
      rawZip([
        { name: 'Tide Pool/rockpool.json', content: '{}' },
        { name: 'Tide Pool/game.x86_64', content: '\x7fELF…' },
      ]),
    );
    expect(build.files.name).toBe('Tide Pool.zip');
    expect(build.files.files.map(({ path }) => path)).toEqual(['game.x86_64', 'rockpool.json']);
    expect(readFileSync(join(build.folder, 'rockpool.json'), 'utf8')).toBe('{}');
    expect(statSync(build.folder).mode & 0o777).toBe(0o755);
    expect(build.notes).toEqual([
      'Everything lies in the folder "Tide Pool": that is the build.',
      'The archive does not say what may be run. Marked as programs: "Tide Pool/game.x86_64".',
    ]);
    await build.close();
    await build.close();
    expectNothingLeft();
  });

  // Of each kind one: all of them are refused by the same code without a process, in its own test.
  it.each(
    HOSTILE_ARCHIVES.filter(({ name }) =>
      ['zip: a path that leads out', 'tar: more than is taken', 'tar.zst: a bomb'].includes(name),
    ),
  )('leaves nothing of $name', async ({ bytes, reason }) => {
    const limits = limitsOf(HOSTILE_LIMITS);
    await expect(open(bytes(), { limits })).rejects.toMatchObject({ code: 'bad-archive', reason });
    expectNothingLeft();
  });

  it('is ended when it takes too long, and by who does not want it any more', async () => {
    const big = gzipSync(rawTar([{ name: 'noise', content: noise(2 ** 20, 1) }]));
    await expect(open(big, { limits: limitsOf({ timeMs: 1 }) })).rejects.toMatchObject({
      reason: 'out-of-time',
    });
    expectNothingLeft();
    const abort = new AbortController();
    const opening = open(big, { signal: abort.signal });
    abort.abort();
    await expect(opening).rejects.toThrow('aborted');
    expectNothingLeft();
  });

  it('is ended when it takes too much memory', async () => {
    const small = gzipSync(rawTar([{ name: 'a', content: 'a' }]));
    // Not enough for the program itself: filling more takes longer, and ends the same.
    await expect(open(small, { limits: limitsOf({ heapMib: 8 }) })).rejects.toMatchObject({
      reason: 'out-of-memory',
    });
    expectNothingLeft();
  });
});

describe('UnpackedBuild.sweep', () => {
  it('removes what a process that is gone has left, and nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rockpool-sweep-'));
    mkdirSync(join(folder, 'unpacking-abc/game'), { recursive: true });
    mkdirSync(join(folder, 'kept'));
    await UnpackedBuild.sweep(folder);
    expect(readdirSync(folder)).toEqual(['kept']);
    rmSync(folder, { recursive: true });
  });
});

describe('the process that unpacks', () => {
  it('is confined on this machine', async () => {
    const hasProgram = execFileSync('sh', ['-c', 'command -v bwrap || true']).length > 0;
    expect(await hasBubblewrap()).toBe(hasProgram);
  });
});

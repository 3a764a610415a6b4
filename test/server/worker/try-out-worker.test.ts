import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mediaOf, type TryOutFindings } from '../../../protocol/try-out-report.ts';
import { readBuild } from '../../../renderer/builds/build-folder.ts';
import { desktopProblem } from '../../../renderer/desktop/desktop-requirements.ts';
import { SESSION_FOLDER_PREFIX } from '../../../renderer/sandbox/owner-mark.ts';
import { findBrowser } from '../../../renderer/web/web-program.ts';
import { WorkerProcess, workerScript } from '../../../server/agent/worker-process.ts';
import { findFfmpeg } from '../../../server/try-out/clip-file.ts';
import { type FromTryOut, fromTryOutSchema } from '../../../server/worker/try-out-orders.ts';
import { fakeManifest } from '../../support/build-folders.ts';
import { writeNativeCalibration } from '../../support/native-calibration/native-calibration-build.ts';

/** The run alone takes sixteen seconds. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const problem = await desktopProblem();
const ffmpeg = await findFfmpeg();
const browser = await findBrowser();
const DRIFT = fileURLToPath(new URL('../../../examples/drift', import.meta.url));
const X264 = { name: 'libx264', codec: 'h264', hardware: false, pixelsPerSecond: 1e8 } as const;

interface Tried {
  readonly messages: readonly FromTryOut[];
  readonly findings: TryOutFindings;
  readonly media: string;
}

describe.skipIf(problem !== undefined)(`a build tried out by its worker ${problem ?? ''}`, () => {
  const top = mkdtempSync(join(tmpdir(), 'rockpool-test-try-out-'));
  chmodSync(top, 0o755);
  afterAll(() => rmSync(top, { recursive: true }));

  /** Runs the worker as the agent does, but for the loader of TypeScript. */
  async function run(
    folder: string,
    manifest: object,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<Tried> {
    const media = mkdtempSync(join(top, 'media-'));
    const worker = new WorkerProcess(workerScript('try-out-worker'), fromTryOutSchema, {
      ...process.env,
      NODE_OPTIONS: '--import tsx',
      ...environment,
    });
    const messages: FromTryOut[] = [];
    worker.listen({
      handleMessage: (message) => messages.push(message),
      handleMalformed: (error) => expect.unreachable(error.message),
      handleExit: () => {},
    });
    worker.send({
      type: 'try-out',
      build: { folder, manifest, allowed: { network: false } },
      encoders: [X264],
      mediaFolder: media,
    });
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    const last = messages.at(-1);
    if (last?.type !== 'tried') throw new Error(`not tried: ${JSON.stringify(last)}`);
    // Nothing is left of what ran.
    const marks = readdirSync(tmpdir()).filter(
      (name) => name.startsWith(SESSION_FOLDER_PREFIX) && name.includes(`-${worker.pid}-`),
    );
    expect(marks).toEqual([]);
    return { messages, findings: last.findings, media };
  }

  describe('a native game that plays', () => {
    let tried: Tried;
    beforeAll(async () => {
      const folder = join(top, 'native');
      mkdirSync(folder, { mode: 0o755 });
      await writeNativeCalibration(folder, { tryOut: [{ atMs: 500, key: 'Space' }] });
      tried = await run(folder, (await readBuild(folder)).manifest);
    }, 180_000);

    it('has no problem, and figures of game and stream apart', () => {
      const { findings } = tried;
      expect(findings).toMatchObject({ problem: null, exitCode: null, encoder: 'libx264' });
      expect(findings.bootMs).toBeGreaterThan(0);
      expect(findings.firstFrameMs).toBeGreaterThanOrEqual(findings.bootMs ?? 0);
      expect(findings.frames).toBeGreaterThan(20);
      for (const figure of ['frameTimeP50Ms', 'encodeP50Ms', 'cpus', 'memoryBytes'] as const) {
        expect(findings[figure]).toBeGreaterThan(0);
      }
      expect(findings.resolution).toEqual({ width: 1280, height: 720 });
    });

    it('says what it is doing', () => {
      const steps = tried.messages.flatMap((one) => (one.type === 'step' ? [one.text] : []));
      expect(steps).toEqual([
        'The game is starting.',
        'The game runs, and is measured.',
        'Pictures and a clip are being made.',
      ]);
    });

    it('leaves exactly the files that it names, each of its size', () => {
      const named = mediaOf(tried.findings);
      expect(new Set(readdirSync(tried.media))).toEqual(new Set(named.map((one) => one.sha256)));
      for (const { sha256, bytes } of named) {
        expect(readFileSync(join(tried.media, sha256))).toHaveLength(bytes);
      }
    });

    it('has pictures in three widths and two formats, that show the game', async () => {
      const { screenshots } = tried.findings;
      const [first] = screenshots;
      const moment = screenshots.filter(({ atMs }) => atMs === first?.atMs);
      expect(moment.map(({ width, format }) => `${width} ${format}`)).toEqual([
        '320 avif',
        '320 webp',
        '640 avif',
        '640 webp',
        '1280 avif',
        '1280 webp',
      ]);
      for (const { sha256, width, height, format } of moment) {
        const picture = sharp(join(tried.media, sha256));
        const found = await picture.metadata();
        expect(found).toMatchObject({ width, height, format: format === 'avif' ? 'heif' : 'webp' });
        expect(Math.abs(width / height - 16 / 9)).toBeLessThan(0.02);
        expect((await picture.stats()).entropy).toBeGreaterThan(0.2);
      }
    });

    it.skipIf(ffmpeg === undefined)(
      'has a clip that plays while it loads, and its poster',
      async () => {
        const { clip, poster } = tried.findings;
        const path = join(tried.media, clip?.sha256 ?? '');
        const { stdout } = await promisify(execFile)('ffprobe', [
          ...['-v', 'error', '-show_entries', 'stream:format', '-of', 'json', path],
        ]);
        const { streams, format } = JSON.parse(stdout);
        expect(streams).toHaveLength(1);
        expect(streams[0]).toMatchObject({
          codec_name: 'h264',
          pix_fmt: 'yuv420p',
          width: 960,
          height: 540,
          r_frame_rate: '30/1',
        });
        expect(Number(format.duration)).toBeGreaterThan(12);
        expect(Number(format.duration)).toBeLessThan(15.1);
        expect(clip?.bytes).toBeLessThan(6e6);
        const file = readFileSync(path);
        expect(file.indexOf('moov')).toBeLessThan(file.indexOf('mdat'));
        const found = await sharp(join(tried.media, poster?.sha256 ?? '')).metadata();
        expect(found).toMatchObject({ width: 960, height: 540, format: 'webp' });
      },
    );
  });

  it('says what a program wrote that ends at once', async () => {
    const folder = join(top, 'ends');
    mkdirSync(folder, { mode: 0o755 });
    writeFileSync(join(folder, 'pond'), '#!/bin/sh\necho "no save folder" >&2\nexit 7\n', {
      mode: 0o755,
    });
    const { findings } = await run(folder, fakeManifest());
    expect(findings).toMatchObject({
      bootMs: null,
      frames: 0,
      exitCode: 7,
      log: ['no save folder'],
      screenshots: [],
      clip: null,
    });
    expect(findings.problem).toBe(
      'The game ended with code 7.\nThe last it wrote:\nno save folder',
    );
  });

  it('names the library that a program lacks', async () => {
    const folder = join(top, 'lacks');
    mkdirSync(folder, { mode: 0o755 });
    const lines =
      'pond: error while loading shared libraries: libpond.so.1: cannot open shared object file';
    writeFileSync(join(folder, 'pond'), `#!/bin/sh\necho "${lines}" >&2\nexit 127\n`, {
      mode: 0o755,
    });
    const { findings } = await run(folder, fakeManifest());
    expect(findings.problem).toMatch(
      /^The game needs libpond\.so\.1, which this machine does not have/,
    );
  });

  it.skipIf(browser === undefined)(
    'tries out a page, and says where there is no ffmpeg',
    async () => {
      const { findings } = await run(DRIFT, (await readBuild(DRIFT)).manifest, {
        FFMPEG_BIN: '/nowhere/ffmpeg',
      });
      expect(findings.problem).toBeNull();
      expect(findings.screenshots.length).toBeGreaterThan(0);
      expect(findings.clip).toBeNull();
      expect(findings.notes.join()).toMatch(/There is no clip: the machine has no ffmpeg/);
    },
  );
});

describe('finding ffmpeg', () => {
  it('takes the one that is named, and no other where that is not there', async () => {
    expect(await findFfmpeg({ FFMPEG_BIN: process.execPath, PATH: '' })).toBe(process.execPath);
    expect(await findFfmpeg({ FFMPEG_BIN: '/nowhere/ffmpeg', PATH: process.env.PATH })).toBe(
      undefined,
    );
  });

  it('finds none on an empty path where none was fetched', async () => {
    const { default: fetched } = await import('ffmpeg-static');
    const found = await findFfmpeg({ PATH: '' });
    expect([undefined, fetched]).toContain(found);
  });
});

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type ArchiveSource, archiveDigest, openArchive } from '../cli/archive-source.ts';
import { finish } from '../cli/publish-build.ts';
import { sendArchive } from '../cli/publish-upload.ts';
import { readProcess } from '../gate/machine/process-statistics.ts';
import { SeededRandom } from '../gate/network/seeded-random.ts';
import { figure, type Table } from '../gate/report/table.ts';
import { SETTLED_STATES } from '../protocol/studio-builds.ts';
import { LargeBuild, MANIFEST, noise } from './builds/sample-build.ts';
import { measurePlayable } from './publish/playable.ts';
import { StudioUnderTest } from './publish/studio-under-test.ts';
import { benchFolder } from './support/bench-folder.ts';
import { chosenParts } from './support/chosen-parts.ts';
import { publish } from './support/results.ts';
import { requireBuild } from './support/rig.ts';
import { type Belongings, runBench } from './support/run-bench.ts';
import { type Target, targetTable } from './support/target.ts';

/*
 * What it takes to upload a build: how fast, in how much memory, through how many ends of either side,
 * how much of a version that is nearly the same is stored, and how soon a player has it. Who uploads runs on the same machine.
 */

const MIB = 2 ** 20;
const run = promisify(execFile);
const PARTS = ['speed', 'resume', 'version', 'playable'] as const;
const SINK = fileURLToPath(new URL('./publish/put-sink.ts', import.meta.url));

async function writeNoise(path: string, bytes: number, seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const part = noise(MIB, random);
  const file = await open(path, 'w');
  for (let written = 0; written < bytes; written += MIB) {
    // No two parts are the same, and making them takes no time.
    part.writeUInt32LE(random.next() * 2 ** 32, 0);
    await file.write(part.subarray(0, Math.min(MIB, bytes - written)));
  }
  await file.close();
}

/** MB/s of `curl` to a server that does nothing but write the same to the same disk. */
async function measureCurl(path: string, bytes: number, sinkPath: string): Promise<number> {
  const sink = spawn(process.execPath, ['--import', 'tsx', SINK, sinkPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [url] = await once(createInterface({ input: sink.stdout }), 'line');
    const startMs = performance.now();
    await run('curl', ['--silent', '--show-error', '--fail', '-T', path, String(url)]);
    return bytes / 1000 / (performance.now() - startMs);
  } finally {
    sink.kill();
    await rm(sinkPath, { force: true });
  }
}

function upload(
  { client }: StudioUnderTest,
  source: ArchiveSource,
  sha256: string,
  onProgress: (sentBytes: number) => void = () => undefined,
): Promise<string> {
  return sendArchive({ source, client, fingerprint: sha256, uploadId: undefined, onProgress });
}

interface Speed {
  readonly mbPerSecond: number;
  readonly rssBeforeBytes: number;
  readonly rssMostBytes: number;
}

/** Uploads, while the memory of signaling is looked at. */
async function measureUpload(
  studio: StudioUnderTest,
  source: ArchiveSource,
  sha256: string,
): Promise<Speed> {
  const rss = async () => (await readProcess(studio.pid))?.rssBytes ?? 0;
  const rssBeforeBytes = await rss();
  let rssMostBytes = rssBeforeBytes;
  const watching = new AbortController();
  const watch = (async () => {
    while (!watching.signal.aborted) {
      rssMostBytes = Math.max(rssMostBytes, await rss());
      await sleep(100);
    }
  })();
  const startMs = performance.now();
  const uploadId = await upload(studio, source, sha256).finally(() => watching.abort());
  const mbPerSecond = source.bytes / 1000 / (performance.now() - startMs);
  await watch;
  await studio.forget(uploadId);
  return { mbPerSecond, rssBeforeBytes, rssMostBytes };
}

/** Ends signaling at so many points by chance. @returns how often it did, and whether the bytes are the same. */
async function measureResuming(
  studio: StudioUnderTest,
  source: ArchiveSource,
  sha256: string,
  ends: number,
): Promise<{ readonly ends: number; readonly same: boolean }> {
  const random = new SeededRandom(3);
  const points = Array.from({ length: ends }, () => random.next() * source.bytes).sort(
    (a, b) => a - b,
  );
  let done = 0;
  let ending: Promise<void> | undefined;
  const uploadId = await upload(studio, source, sha256, (sentBytes) => {
    const next = points[done];
    if (ending || next === undefined || sentBytes < next) return;
    done++;
    ending = studio.killAndStart().finally(() => {
      ending = undefined;
    });
  });
  await ending;
  const { archive } = await finish(studio.client, { uploadId, sha256 });
  return { ends: done, same: archive.sha256 === sha256 };
}

/** Uploads a folder and waits until it is stored. */
async function publishFolder(studio: StudioUnderTest, folder: string) {
  const startMs = performance.now();
  const before = await studio.usedBytes();
  const source = await openArchive(folder);
  const sha256 = await archiveDigest(source);
  const uploadId = await upload(studio, source, sha256);
  const { number } = await finish(studio.client, { uploadId, sha256 });
  for (;;) {
    const { state, stateDetail } = await studio.client.build(number);
    if (state === 'refused') throw new Error(stateDetail);
    if (state === 'trying' || SETTLED_STATES.has(state)) break;
    await sleep(100);
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { seconds, bytes: source.bytes, stored: (await studio.usedBytes()) - before };
}

interface Part {
  readonly targets: readonly Target[];
  readonly tables: readonly Table[];
  readonly data: unknown;
}

async function speedPart(studio: StudioUnderTest, folder: string, mib: number): Promise<Part> {
  const path = join(folder, 'large.tar');
  const bytes = mib * MIB;
  await writeNoise(path, bytes, 1);
  const source = await openArchive(path);
  const sha256 = await archiveDigest(source);
  // Code is compiled, and the disk has seen it, before it counts.
  const small = join(folder, 'small.tar');
  await writeNoise(small, 64 * MIB, 2);
  const warm = await openArchive(small);
  await measureUpload(studio, warm, await archiveDigest(warm));
  await mkdir(studio.disk, { recursive: true });
  const curl = await measureCurl(path, bytes, join(studio.disk, 'sink'));
  const uploaded = await measureUpload(studio, source, sha256);
  await rm(path);
  const grown = (uploaded.rssMostBytes - uploaded.rssBeforeBytes) / MIB;
  return {
    targets: [
      {
        what: `upload of ${mib} MiB`,
        measured: uploaded.mbPerSecond,
        limit: Math.min(150, Math.round(0.8 * curl)),
        unit: 'MB/s',
        sense: 'at-least',
      },
      {
        what: 'memory of signaling meanwhile, more than before',
        measured: grown,
        limit: 50,
        unit: 'MiB',
      },
    ],
    tables: [
      {
        title: `Uploading ${mib} MiB over loopback`,
        head: ['how', 'MB/s'],
        rows: [
          ['curl PUT to a server that only writes', figure(curl)],
          ['rockpool publish', figure(uploaded.mbPerSecond)],
        ],
      },
    ],
    data: { mib, curl, upload: uploaded },
  };
}

async function resumePart(studio: StudioUnderTest, folder: string, ends: number): Promise<Part> {
  const path = join(folder, 'resumed.tar');
  await writeNoise(path, 1024 * MIB, 4);
  const source = await openArchive(path);
  const sha256 = await archiveDigest(source);
  const result = await measureResuming(studio, source, sha256, ends);
  await rm(path);
  return {
    targets: [
      {
        what: 'ends of signaling by kill -9 in one upload',
        measured: result.ends,
        limit: ends,
        unit: '',
        sense: 'at-least',
      },
      {
        what: 'uploads whose bytes differ then',
        measured: result.same ? 0 : 1,
        limit: 0,
        unit: '',
      },
    ],
    tables: [],
    data: result,
  };
}

async function versionPart(studio: StudioUnderTest, folder: string, mib: number): Promise<Part> {
  const source = join(folder, 'build');
  await mkdir(source, { recursive: true });
  const build = new LargeBuild(source, mib);
  await build.write();
  await writeFile(join(source, 'index.html'), '<!doctype html><title>Sample</title>');
  await writeFile(join(source, 'rockpool.json'), JSON.stringify(MANIFEST));
  const first = await publishFolder(studio, source);
  await build.change();
  const second = await publishFolder(studio, source);
  return {
    targets: [
      {
        what: 'a version of which 1 % has changed, to the store',
        measured: (100 * second.stored) / second.bytes,
        limit: 2,
        unit: '%',
      },
    ],
    tables: [
      {
        title: `A build of ${mib} MiB, from the command to checked and stored`,
        head: ['version', 'seconds', 'MiB stored'],
        rows: [first, second].map(({ seconds, stored }, i) => [
          String(i + 1),
          figure(seconds),
          figure(stored / MIB),
        ]),
      },
    ],
    data: { first, second },
  };
}

async function playablePart(belongings: Belongings, mib: number): Promise<Part> {
  const found = await belongings.within((own) => measurePlayable(own, mib));
  const { uploadedS, checkedS, releasedS, playedS } = found;
  return {
    targets: [
      {
        what: `from \`rockpool publish\` to a player's first frame, ${mib} MiB`,
        measured: playedS,
        limit: 30,
        unit: 's',
      },
    ],
    tables: [
      {
        title: `A build of ${mib} MiB, seconds since \`rockpool publish --wait\` was begun`,
        head: ['uploaded', 'checked', 'tried out and released', 'first frame shown'],
        rows: [[uploadedS, checkedS, releasedS, playedS].map((seconds) => figure(seconds))],
      },
    ],
    data: found,
  };
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      parts: { type: 'string', default: PARTS.join(',') },
      mib: { type: 'string', default: '5120' },
      kills: { type: 'string', default: '20' },
      version: { type: 'string', default: '1024' },
      playable: { type: 'string', default: '100' },
    },
  });
  requireBuild();
  const wanted = chosenParts(values.parts, PARTS);
  const folder = benchFolder(belongings);
  const parts: Part[] = [];
  if (PARTS.some((part) => part !== 'playable' && wanted.has(part))) {
    await belongings.within(async (own) => {
      const studio = await StudioUnderTest.start(own);
      if (wanted.has('speed')) parts.push(await speedPart(studio, folder, Number(values.mib)));
      if (wanted.has('resume')) parts.push(await resumePart(studio, folder, Number(values.kills)));
      if (wanted.has('version')) {
        parts.push(await versionPart(studio, folder, Number(values.version)));
      }
    });
  }
  if (wanted.has('playable')) parts.push(await playablePart(belongings, Number(values.playable)));
  await publish('publish', {
    tables: [
      targetTable(
        'Publishing: targets',
        parts.flatMap(({ targets }) => targets),
      ),
      ...parts.flatMap(({ tables }) => tables),
    ],
    notes: ['Both sides share the machine; the archive is read from its disk while it is sent.'],
    data: parts.map(({ data }) => data),
  });
});

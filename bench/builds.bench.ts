import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { figure, type Table } from '../gate/report/table.ts';
import type { BuildIndex } from '../protocol/build-index.ts';
import { BlobCache } from '../server/agent/builds/blob-cache.ts';
import type { AssembledBuild } from '../server/agent/builds/build-assembly.ts';
import type { BuildSource } from '../server/agent/builds/build-source.ts';
import { fetchBuild } from '../server/agent/builds/fetch-build.ts';
import { FolderBlobStore } from '../signaling/studio/blobs/folder-blob-store.ts';
import { packBuild } from '../signaling/studio/blobs/pack-build.ts';
import { checkBuild } from '../signaling/studio/builds/build-check.ts';
import { hasBubblewrap } from '../signaling/studio/builds/confinement.ts';
import { FolderFiles } from '../signaling/studio/builds/folder-files.ts';
import { DEFAULT_UNPACK_LIMITS } from '../signaling/studio/builds/unpack-limits.ts';
import { UnpackedBuild } from '../signaling/studio/builds/unpacked-build.ts';
import { LargeBuild, writeManyFiles } from './builds/sample-build.ts';
import { benchFolder } from './support/bench-folder.ts';
import { publish } from './support/results.ts';
import { runBench } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/*
 * What an upload costs signaling, and what a new version of a build moves: to the store, and from there
 * to a container that has the one before.
 */

const MIB = 2 ** 20;
const run = promisify(execFile);

interface Unpacking {
  readonly packing: string;
  readonly packedBytes: number;
  readonly seconds: number;
}

async function timed<T>(task: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  const startMs = performance.now();
  const value = await task();
  return { seconds: (performance.now() - startMs) / 1000, value };
}

/** From the archive on the disk to the report, and the folder removed again. */
async function measureUnpacking(folder: string, source: string, packing: string) {
  const archive = join(folder, `many${packing}`);
  await run('tar', ['-C', source, '--auto-compress', '-cf', archive, '.']);
  const { seconds, value } = await timed(async () => {
    const limits = DEFAULT_UNPACK_LIMITS;
    const build = await UnpackedBuild.open(archive, { folder: join(folder, 'unpacked'), limits });
    const report = await checkBuild(build.files, { architectures: ['x64'] });
    await build.close();
    return report;
  });
  if (value.problems.length > 0) throw new Error(JSON.stringify(value.problems));
  const packedBytes = Number((await run('stat', ['-c', '%s', archive])).stdout);
  return { packing, packedBytes, seconds };
}

interface Version {
  readonly bytes: number;
  readonly stored: number;
  readonly fetched: number;
  readonly packS: number;
  readonly fetchS: number;
}

/** A store and a container that has every version before the one it is to get. */
class Versions {
  readonly #folder: string;
  readonly #store: FolderBlobStore;
  readonly #cache: BlobCache;
  #last: AssembledBuild | undefined;
  #count = 0;

  private constructor(folder: string, store: FolderBlobStore, cache: BlobCache) {
    this.#folder = folder;
    this.#store = store;
    this.#cache = cache;
  }

  static async open(folder: string): Promise<Versions> {
    return new Versions(
      folder,
      await FolderBlobStore.open(join(folder, 'store'), Date.now),
      await BlobCache.open(join(folder, 'cache'), { maxBytes: 2 ** 40, nowMs: Date.now }),
    );
  }

  async add(source: string): Promise<Version> {
    const { files } = await FolderFiles.read(source, { ours: true });
    const previous = this.#last?.index;
    const packed = await timed(() => packBuild(source, files, this.#store, { previous }));
    const { index, stored } = packed.value;
    const fetched = await timed(() => this.#fetch(index));
    return {
      bytes: index.files.reduce((sum, { bytes }) => sum + bytes, 0),
      stored: stored.bytes,
      fetched: fetched.value,
      packS: packed.seconds,
      fetchS: fetched.seconds,
    };
  }

  async #fetch(index: BuildIndex): Promise<number> {
    let moved = 0;
    const source: BuildSource = {
      readBlob: async ({ sha256, bytes }, from) => {
        moved += bytes - from;
        const content = await this.#store.get(sha256, { from, bytes: bytes - from });
        if (!content) throw new Error(`${sha256} is not in the store`);
        return content;
      },
    };
    const folder = join(this.#folder, `version${++this.#count}`);
    const previous = this.#last ? { previous: this.#last } : {};
    const { signal } = new AbortController();
    await fetchBuild(index, source, this.#cache, folder, { signal, ...previous });
    this.#last = { folder, index };
    return moved;
  }
}

function versionsTable(mib: number, versions: readonly (readonly [string, Version])[]): Table {
  return {
    title: `A build of ${mib} MiB`,
    head: ['version', 'MiB', 'stored MiB', 'fetched MiB', 'packing', 'fetching'],
    rows: versions.map(([name, { bytes, stored, fetched, packS, fetchS }]) => [
      name,
      figure(bytes / MIB),
      figure(stored / MIB),
      figure(fetched / MIB),
      figure(packS, 's'),
      figure(fetchS, 's'),
    ]),
  };
}

function unpackingTable(files: number, bytes: number, unpackings: readonly Unpacking[]): Table {
  return {
    title: `Unpacking and checking ${files.toLocaleString('en')} files, ${figure(bytes / MIB)} MiB`,
    head: ['archive', 'MiB', 'seconds'],
    rows: unpackings.map(({ packing, packedBytes, seconds }) => [
      packing,
      figure(packedBytes / MIB),
      figure(seconds),
    ]),
  };
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      files: { type: 'string', default: '10000' },
      mib: { type: 'string', default: '1024' },
    },
  });
  const [files, mib] = [Number(values.files), Number(values.mib)];
  const folder = benchFolder(belongings);

  console.log(`${files.toLocaleString('en')} files…`);
  const many = join(folder, 'many');
  const manyBytes = await writeManyFiles(many, files);
  const unpackings: Unpacking[] = [];
  for (const packing of ['.tar.gz', '.tar.zst']) {
    unpackings.push(await measureUnpacking(folder, many, packing));
  }

  console.log(`A build of ${mib} MiB…`);
  const source = join(folder, 'large');
  await mkdir(source);
  const build = new LargeBuild(source, mib);
  const versions = await Versions.open(folder);
  await build.write();
  const first = await versions.add(source);
  const changed = await build.change();
  const second = await versions.add(source);

  const share = (bytes: number) => (100 * bytes) / second.bytes;
  await publish('builds', {
    tables: [
      targetTable('Builds: targets', [
        {
          what: `unpacking and checking ${files.toLocaleString('en')} files`,
          measured: Math.max(...unpackings.map(({ seconds }) => seconds)),
          limit: 20,
          unit: 's',
        },
        {
          what: 'a version of which 1 % has changed, to the store',
          measured: share(second.stored),
          limit: 2,
          unit: '%',
        },
        {
          what: 'the same, from there to a container',
          measured: share(second.fetched),
          limit: 2,
          unit: '%',
        },
      ]),
      unpackingTable(files, manyBytes, unpackings),
      versionsTable(mib, [
        ['first', first],
        ['second', second],
      ]),
    ],
    notes: [
      `Unpacked ${(await hasBubblewrap()) ? 'inside bubblewrap' : 'without bubblewrap, which is not on this machine'}; starting the process is included.`,
      `Changed in the second version: ${figure(changed / MIB)} MiB, in ten places of the large files, in half of them put in between, and in one small file of a hundred.`,
    ],
    data: { unpackings, first, second, changed },
  });
});

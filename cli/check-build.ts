import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { MANIFEST_FILE } from '../protocol/build-manifest.ts';
import type { BuildReport } from '../protocol/build-report.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { isBuild } from '../renderer/builds/build-folder.ts';
import { foldersWithBuilds } from '../renderer/builds/build-library.ts';
import { BUILT_IN_GAMES } from '../renderer/game-catalogue.ts';
import { ArchiveRefusal } from '../signaling/studio/builds/archive-refusal.ts';
import { checkBuild } from '../signaling/studio/builds/build-check.ts';
import type { BuildFiles } from '../signaling/studio/builds/build-files.ts';
import { FolderFiles } from '../signaling/studio/builds/folder-files.ts';
import { DEFAULT_UNPACK_LIMITS } from '../signaling/studio/builds/unpack-limits.ts';
import { UnpackedBuild } from '../signaling/studio/builds/unpacked-build.ts';
import { renderReport } from './report-text.ts';
import { say } from './say.ts';

export interface CheckOptions {
  /** Prints reports as JSON, and nothing else on standard output. */
  readonly json: boolean;
  /** Writes the `rockpool.json` that is proposed where there is none. */
  readonly write: boolean;
}

/** Those that containers run on: a studio's own machine may be neither. */
const ARCHITECTURES = ['x64', 'arm64'];

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const TAKEN_IDS: ReadonlySet<string> = new Set(BUILT_IN_GAMES.keys());

/**
 * Says what is in a folder or archive, what is wrong with it, and what its `rockpool.json` might be.
 * @returns the exit code: 0 where it can be played as it is, 1 where something is to be done first.
 * @throws RockpoolError `bad-configuration` where there is nothing that could be checked.
 */
export async function runCheck(path: string, options: CheckOptions): Promise<0 | 1> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new RockpoolError('bad-configuration', `There is no ${path} to check.`, { cause });
  });
  if (!found.isDirectory()) return checkArchive(path, options);
  const folders = (await isBuild(path)) ? [path] : await foldersWithBuilds(path);
  let worst: 0 | 1 = 0;
  for (const folder of folders.length > 0 ? folders : [path]) {
    if ((await checkFolder(folder, options)) === 1) worst = 1;
  }
  return worst;
}

async function checkFolder(folder: string, options: CheckOptions): Promise<0 | 1> {
  const where = resolve(folder);
  const files = await FolderFiles.read(where, { ours: false });
  const report = await check(files);
  const { proposal } = report;
  if (proposal && options.write) {
    const path = join(where, MANIFEST_FILE);
    await writeFile(path, `${JSON.stringify(proposal.manifest, undefined, 2)}\n`, { flag: 'wx' });
    if (!options.json) say(`Wrote ${path}. Look through it, and complete it: docs/studio.md.`);
    return tell(await check(await FolderFiles.read(where, { ours: false })), where, options);
  }
  return tell(report, where, options);
}

async function checkArchive(path: string, options: CheckOptions): Promise<0 | 1> {
  if (options.write) {
    throw new RockpoolError(
      'bad-configuration',
      `--write needs a folder: unpack ${path}, and check that.`,
    );
  }
  const where = resolve(path);
  const folder = await mkdtemp(join(tmpdir(), 'rockpool-check-'));
  // Whoever does not want to wait leaves nothing behind.
  const abort = new AbortController();
  const stop = () => abort.abort();
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  try {
    const limits = DEFAULT_UNPACK_LIMITS;
    const build = await UnpackedBuild.open(where, { folder, limits, signal: abort.signal });
    const report = await check(build.files);
    return tell({ ...report, notes: [...build.notes, ...report.notes] }, where, options);
  } catch (error) {
    if (abort.signal.aborted) {
      throw new RockpoolError('bad-configuration', 'The check was given up.', { cause: error });
    }
    if (!(error instanceof ArchiveRefusal)) throw error;
    return tell(refusedReport(basename(where), error), where, options);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
    await rm(folder, { recursive: true, force: true });
  }
}

function check(files: BuildFiles): Promise<BuildReport> {
  return checkBuild(files, { architectures: ARCHITECTURES, takenIds: TAKEN_IDS });
}

function refusedReport(name: string, { message }: ArchiveRefusal): BuildReport {
  return { name, files: 0, bytes: 0, problems: [{ what: message, remedy: '' }], notes: [] };
}

function tell(report: BuildReport, where: string, { json }: CheckOptions): 0 | 1 {
  if (json) say(JSON.stringify(report));
  else {
    const { found, wrong } = renderReport(report, where);
    if (found !== '') say(found);
    if (wrong !== '') console.error(wrong);
  }
  return report.problems.length > 0 || !report.manifest ? 1 : 0;
}

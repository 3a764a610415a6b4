import {
  type BuildManifest,
  MANIFEST_FILE,
  parseManifest,
} from '../../../protocol/build-manifest.ts';
import { readBuildPath } from '../../../protocol/build-path.ts';
import type { BuildProblem, BuildReport } from '../../../protocol/build-report.ts';
import { toRockpoolError } from '../../../protocol/errors.ts';
import { proposeManifest } from '../proposal/propose-manifest.ts';
import { ArchiveRefusal, told } from './archive-refusal.ts';
import type { BuildFile, BuildFiles } from './build-files.ts';
import { BuildTree } from './build-tree.ts';
import { checkEntry } from './entry-check.ts';
import { FileLookup } from './file-lookup.ts';
import { DEFAULT_UNPACK_LIMITS } from './unpack-limits.ts';

/** A manifest is written by hand: far less than this. */
const MAX_MANIFEST_BYTES = 2 ** 20;

/** Of names that are wrong: the first say what kind of thing it is. */
const MAX_NAME_PROBLEMS = 20;

export interface BuildCheckOptions {
  /** Those of the pool's containers, as `process.arch` names them. */
  readonly architectures: readonly string[];
  /** Ids that no build may have. */
  readonly takenIds?: ReadonlySet<string>;
}

/** Everything that is to be said of a build before anybody plays it. Reads little of it. */
export async function checkBuild(
  source: BuildFiles,
  options: BuildCheckOptions,
): Promise<BuildReport> {
  const files = new FileLookup(source);
  const problems = checkNames(source.files);
  const notes: string[] = [];
  const report = {
    name: source.name,
    files: files.readable.length,
    bytes: source.files.reduce((sum, { kind, bytes }) => sum + (kind === 'file' ? bytes : 0), 0),
    problems,
    notes,
  };
  if (!files.any(MANIFEST_FILE)) {
    const { proposal, problem } = await proposeManifest(files);
    if (problem) problems.push(problem);
    return proposal ? { ...report, proposal } : report;
  }
  const manifest = await readManifest(files, problems);
  if (!manifest) return report;
  problems.push(...(await checkEntry(manifest, files, options.architectures)));
  await setRight(manifest, source, files, report);
  problems.push(...checkNamed(manifest, files));
  if (options.takenIds?.has(manifest.id)) {
    problems.push({
      path: MANIFEST_FILE,
      what: `id: "${manifest.id}" is the id of a game that Rockpool brings.`,
      remedy: 'Choose another one.',
    });
  }
  return { ...report, manifest };
}

/** As an archive's names are: a folder may hold what no archive of it could bring. */
function checkNames(files: readonly BuildFile[]): BuildProblem[] {
  const tree = new BuildTree(DEFAULT_UNPACK_LIMITS);
  const problems: BuildProblem[] = [];
  const attempt = (path: string, task: () => void) => {
    try {
      task();
    } catch (thrown) {
      if (!(thrown instanceof ArchiveRefusal)) throw thrown;
      problems.push({ path, what: thrown.message, remedy: '' });
    }
  };
  for (const { path, kind, target } of files) {
    if (problems.length === MAX_NAME_PROBLEMS) break;
    const read = readBuildPath(path);
    if ('problem' in read) {
      problems.push({
        path,
        what: `The name ${told(path)} cannot be one.`,
        remedy: 'Rename the file: plain letters, at most 255 bytes a name and 1024 a path.',
      });
    } else if (kind === 'special') {
      problems.push({
        path,
        what: `${told(path)} is a device, a pipe or a socket.`,
        remedy: 'Leave it out: builds hold files, folders and links.',
      });
    } else if (kind === 'folder') attempt(path, () => tree.addFolder(path));
    else if (kind === 'link') attempt(path, () => tree.addLink(path, target));
    else attempt(path, () => tree.addFile(path));
  }
  attempt('', () => void tree.checkLinks());
  return problems;
}

async function readManifest(
  files: FileLookup,
  problems: BuildProblem[],
): Promise<BuildManifest | undefined> {
  const file = files.file(MANIFEST_FILE);
  const path = MANIFEST_FILE;
  if (!file || file.bytes > MAX_MANIFEST_BYTES) {
    problems.push({
      path,
      what: file ? `${path} is larger than 1 MiB.` : `${path} is no file.`,
      remedy: 'docs/studio.md says what to write into it.',
    });
    return undefined;
  }
  try {
    return parseManifest(new TextDecoder().decode(await files.readHead(path, file.bytes)));
  } catch (thrown) {
    // The first line says that there are problems; each of the others is one.
    const [first = '', ...fields] = toRockpoolError(thrown).message.split('\n');
    for (const what of fields.length > 0 ? fields.map((line) => line.trim()) : [first]) {
      problems.push({ path, what, remedy: '' });
    }
    return undefined;
  }
}

/** A program that may not be run is made to, where that is ours to do: archives from Windows forget it. */
async function setRight(
  { runtime, entry }: BuildManifest,
  source: BuildFiles,
  files: FileLookup,
  { problems, notes }: Pick<BuildReport, 'problems' | 'notes'>,
): Promise<void> {
  const file = files.file(entry);
  if (runtime !== 'linux' || !file || file.runs || problems.some(({ path }) => path === entry)) {
    return;
  }
  if (source.makeRun) {
    await source.makeRun(entry);
    notes.push(`${entry} was not marked as a program, and is now.`);
    return;
  }
  problems.push({
    path: entry,
    what: `entry: ${entry} may not be run.`,
    remedy: `Run "chmod +x ${entry}".`,
  });
}

function checkNamed({ workingFolder, cover }: BuildManifest, files: FileLookup): BuildProblem[] {
  const problems: BuildProblem[] = [];
  if (workingFolder !== undefined && !files.hasFolder(workingFolder)) {
    problems.push({
      path: workingFolder,
      what: `workingFolder: there is no folder ${workingFolder} in the build.`,
      remedy: 'Names are case-sensitive.',
    });
  }
  if (cover !== undefined && !files.file(cover)) {
    const meant = files.likeNamed(cover);
    problems.push({
      path: cover,
      what: `cover: there is no file ${cover} in the build.`,
      remedy: meant
        ? `Names are case-sensitive: write "${meant}".`
        : 'Put it there, or leave it out.',
    });
  }
  return problems;
}

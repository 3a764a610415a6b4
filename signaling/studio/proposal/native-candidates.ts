import { besideOf, type FileLookup, folderOf, nameOf } from '../builds/file-lookup.ts';
import type { Candidate } from './candidate.ts';
import type { NativeProgram } from './native-programs.ts';
import { titleFromName } from './title-from-name.ts';

/** Scripts that start what lies beside them, by how they are called. */
const START_SCRIPT = /^(?:start|run|launch|play|game)[\w-]*\.sh$|^(?:start|run|launch|play)$/i;

/** Of a game in Python, looked into for what it uses. */
const MAX_SOURCES = 50;

const bare = (path: string) => path.replace(/\.(?:x86_64|x86|x64|arm64|amd64)$/i, '');

type Layout = (
  program: NativeProgram,
  files: FileLookup,
) => Promise<Omit<Candidate, 'runtime'> | undefined>;

/** Ways in which engines lay out a Linux build, the more particular first. */
const LAYOUTS: readonly Layout[] = [unity, unreal, renpy, gameMaker, godot, electron];

/** Programs that might be the game. */
export async function nativeCandidates(
  programs: readonly NativeProgram[],
  files: FileLookup,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const program of programs) {
    const candidate = await candidateOf(program, programs, files);
    if (candidate) candidates.push({ runtime: 'linux', ...candidate });
  }
  return [...candidates, ...packagedGames(files), ...(await pythonGames(files))];
}

async function candidateOf(
  program: NativeProgram,
  programs: readonly NativeProgram[],
  files: FileLookup,
): Promise<Omit<Candidate, 'runtime'> | undefined> {
  const { path, kind, architecture } = program;
  for (const layout of LAYOUTS) {
    const candidate = await layout(program, files);
    if (candidate) return candidate;
  }
  if (kind === 'script' && START_SCRIPT.test(nameOf(path))) {
    return {
      entry: path,
      kind: 'a Linux build with a start script',
      confidence: folderOf(path) === '' ? 'likely' : 'guess',
      reasons: [`Found ${path}, a script that is called as one that starts a game.`],
      title: undefined,
    };
  }
  if (kind === 'elf') {
    const others = programs.filter((other) => other.kind === 'elf' && other.path !== path);
    const isLargest = others.every(({ bytes }) => bytes < program.bytes);
    return {
      entry: path,
      kind: 'a Linux program',
      confidence: others.length === 0 ? 'likely' : 'guess',
      reasons: [
        `Found ${path}, a program for Linux on ${architecture}${others.length > 0 && isLargest ? ', the largest one' : ''}.`,
      ],
      title: titleFromName(nameOf(path)) || undefined,
    };
  }
  return undefined;
}

async function unity({ path, kind }: NativeProgram, files: FileLookup) {
  const data = `${bare(path)}_Data`;
  if (kind !== 'elf' || !files.hasFolder(data)) return undefined;
  // Its first line is the company's name and its second one the product's.
  const info = files.file(`${data}/app.info`) ? await files.readText(`${data}/app.info`) : '';
  const [company = '', product = ''] = info.split(/\r?\n/).map((line) => line.trim());
  const isKnown = [company, product].every((name) => /^[^/\\\p{Cc}]{1,80}$/u.test(name));
  return {
    entry: path,
    kind: 'a Unity Linux build',
    confidence: 'certain' as const,
    reasons: [`Found ${path} and the folder ${data}: a Unity Linux build.`],
    title: isKnown ? product : titleFromName(nameOf(path)),
    ...(isKnown ? { saves: [`.config/unity3d/${company}/${product}`] } : {}),
  };
}

async function godot({ path, kind }: NativeProgram, files: FileLookup) {
  const pack = `${bare(path)}.pck`;
  if (kind !== 'elf' || !files.file(pack)) return undefined;
  return {
    entry: path,
    kind: 'a Godot Linux build',
    confidence: 'certain' as const,
    reasons: [`Found ${path} and ${pack}: a Godot Linux build.`],
    title: titleFromName(nameOf(path)),
    saves: ['.local/share/godot/app_userdata'],
  };
}

async function unreal({ path, kind, architecture }: NativeProgram, files: FileLookup) {
  const [, above = '', project = ''] =
    /^(.*?)([^/]+)\/Binaries\/Linux(?:Arm64|AArch64)?\/[^/]+$/.exec(path) ?? [];
  if (kind !== 'elf' || project === '' || project === 'Engine') return undefined;
  const script = files.readable.find(
    (file) => folderOf(file.path) === above.replace(/\/$/, '') && isStartOf(file.path, project),
  )?.path;
  return {
    entry: script ?? path,
    kind: 'an Unreal Linux build',
    confidence: 'certain' as const,
    reasons: [
      script
        ? `Found ${script} and ${path}: an Unreal Linux build for ${architecture}.`
        : `Found ${path}, where Unreal puts programs for Linux.`,
    ],
    title: titleFromName(project),
    saves: [`.config/Epic/${project}/Saved`],
  };
}

function isStartOf(path: string, project: string): boolean {
  const name = nameOf(path);
  return name.endsWith('.sh') && name.replace(/(?:-Arm64)?\.sh$/, '') === project;
}

async function renpy({ path, kind }: NativeProgram, files: FileLookup) {
  const beside = besideOf(path);
  if (kind !== 'script' || !path.endsWith('.sh') || !files.hasFolder(`${beside}renpy`)) {
    return undefined;
  }
  return {
    entry: path,
    kind: "a Ren'Py build",
    confidence: 'certain' as const,
    reasons: [`Found ${path} and the folder ${beside}renpy: a Ren'Py build.`],
    title: titleFromName(nameOf(path)),
    saves: ['.renpy'],
  };
}

async function gameMaker({ path, kind }: NativeProgram, files: FileLookup) {
  const beside = besideOf(path);
  const data = [`${beside}assets/game.unx`, `${beside}game.unx`].find((name) => files.file(name));
  if (kind !== 'elf' || data === undefined) return undefined;
  const name = nameOf(path);
  return {
    entry: path,
    kind: 'a GameMaker Linux build',
    confidence: 'certain' as const,
    reasons: [`Found ${path} and ${data}: a GameMaker Linux build.`],
    title: name === 'runner' ? undefined : titleFromName(name),
  };
}

async function electron({ path, kind }: NativeProgram, files: FileLookup) {
  const beside = besideOf(path);
  const isElectron =
    kind === 'elf' &&
    (files.file(`${beside}resources/app.asar`) ??
      files.file(`${beside}resources/app/package.json`)) !== undefined;
  if (!isElectron) return undefined;
  return {
    entry: path,
    kind: 'an Electron build',
    confidence: 'likely' as const,
    reasons: [`Found ${path} and the folder ${beside}resources: an Electron build.`],
    title: titleFromName(nameOf(path)),
    // Its own sandbox needs rights that no game has here.
    arguments: ['--no-sandbox'],
    questions: [
      {
        field: 'runtime',
        question:
          'Can the game be exported for the web as well? A page starts faster than a browser of its own.',
      },
    ],
  };
}

/** Games in Python, as they lie in their folder. */
async function pythonGames(files: FileLookup): Promise<Candidate[]> {
  const main = files.find(/^(?:[^/]+\/)?(?:main|game)\.py$/)?.path;
  if (main === undefined) return [];
  const beside = besideOf(main);
  const sources = files.readable.filter(
    ({ path }) => path.startsWith(beside) && path.endsWith('.py'),
  );
  const texts = await Promise.all(
    sources.slice(0, MAX_SOURCES).map(({ path }) => files.readText(path)),
  );
  const usesPygame = texts.some((text) => /^\s*(?:import|from) pygame\b/m.test(text));
  return [
    {
      runtime: 'linux',
      entry: '/usr/bin/python3',
      kind: 'a Python game',
      confidence: usesPygame ? 'likely' : 'guess',
      reasons: [
        `Found ${main}${usesPygame ? ', a game that uses pygame' : ', which Python runs'}.`,
      ],
      title: titleFromName(folderOf(main)) || undefined,
      arguments: [`/game/${main}`],
      packages: [usesPygame ? 'python3-pygame' : 'python3'],
    },
  ];
}

/** Games that a program of the system plays. */
function packagedGames(files: FileLookup): Candidate[] {
  const love = files.find(/^[^/]+\.love$/i)?.path;
  const jar = files.find(/^[^/]+\.jar$/i)?.path;
  return [
    ...(love
      ? [
          {
            runtime: 'linux' as const,
            entry: '/usr/bin/love',
            kind: 'a LÖVE game',
            confidence: 'likely' as const,
            reasons: [`Found ${love}, which LÖVE plays.`],
            title: titleFromName(love) || undefined,
            arguments: [`/game/${love}`],
            packages: ['love'],
            saves: ['.local/share/love'],
          },
        ]
      : []),
    ...(jar
      ? [
          {
            runtime: 'linux' as const,
            entry: '/usr/bin/java',
            kind: 'a Java game',
            confidence: 'guess' as const,
            reasons: [`Found ${jar}, which Java runs.`],
            title: titleFromName(jar) || undefined,
            arguments: ['-jar', `/game/${jar}`],
            packages: ['default-jre'],
          },
        ]
      : []),
  ];
}

import type { BuildManifest } from '../../../protocol/build-manifest.ts';
import type { BuildProblem } from '../../../protocol/build-report.ts';
import { ELF_HEAD_BYTES, readElfHeader } from '../../../protocol/elf-header.ts';
import type { FileLookup } from './file-lookup.ts';
import { programKind } from './program-kind.ts';

/** The loader of programs for each kind of machine, where Debian has it. */
const LOADERS: Readonly<Record<string, string>> = {
  x64: '/lib64/ld-linux-x86-64.so.2',
  arm64: '/lib/ld-linux-aarch64.so.1',
};

/** Interpreters that every Debian has (its essential packages). */
const ESSENTIAL: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'env', 'perl', 'sed']);

/** Which Debian package brings an interpreter, where it is not called the same. */
const PACKAGES: Readonly<Record<string, string>> = {
  python: 'python-is-python3',
  node: 'nodejs',
  lua: 'lua5.4',
  java: 'default-jre',
};

/** The kernel reads no more of a script's first line. */
const SCRIPT_LINE_BYTES = 256;

type Checked = Pick<BuildManifest, 'runtime' | 'entry' | 'packages'>;

/**
 * Whether containers can start what a manifest names.
 * @param architectures as `process.arch` names those of the pool, such as `x64`.
 */
export async function checkEntry(
  manifest: Checked,
  files: FileLookup,
  architectures: readonly string[],
): Promise<BuildProblem[]> {
  const { runtime, entry, packages } = manifest;
  if (entry.startsWith('/')) return systemProgram(manifest);
  if (!files.file(entry)) return [missing(entry, files)];
  if (runtime === 'web') return [];
  const head = await files.readHead(entry, ELF_HEAD_BYTES);
  switch (programKind(head)) {
    case 'elf':
      return elfProblems(entry, head, architectures);
    case 'script':
      return scriptProblems(entry, head, packages, files);
    case 'app-image':
      return [
        {
          path: entry,
          what: `entry: ${entry} is an AppImage, which mounts itself, and no game may mount anything.`,
          remedy: `Unpack it with "./${entry} --appimage-extract", and name AppRun in the folder that comes of it.`,
        },
      ];
    case 'windows-program':
      return [wrongSystem(entry, 'Windows')];
    case 'mac-program':
      return [wrongSystem(entry, 'macOS')];
    case 'other':
      return [
        {
          path: entry,
          what: `entry: ${entry} is neither a program for Linux nor a script.`,
          remedy:
            'Name the file that starts the game. A script begins with "#!" and its interpreter.',
        },
      ];
  }
}

function systemProgram({ runtime, entry, packages }: Checked): BuildProblem[] {
  if (runtime === 'web') {
    return [
      {
        what: `entry: ${entry} is outside the build.`,
        remedy: 'A web build names its page, such as "index.html".',
      },
    ];
  }
  return packages.length > 0 || isEssential(entry) ? [] : [needsPackage('entry', entry)];
}

function missing(entry: string, files: FileLookup): BuildProblem {
  const meant = files.likeNamed(entry);
  const there = files.any(entry);
  if (there) {
    return {
      path: entry,
      what: `entry: ${entry} is ${there.kind === 'folder' ? 'a folder' : 'a link to no file of the build'}.`,
      remedy: 'Name a file of the build.',
    };
  }
  return {
    path: entry,
    what: `entry: there is no file ${entry} in the build.`,
    remedy: meant
      ? `Names are case-sensitive: write "${meant}".`
      : 'Put it there, or name the file that starts the game.',
  };
}

function wrongSystem(entry: string, system: string): BuildProblem {
  return {
    path: entry,
    what: `entry: ${entry} is a program for ${system}.`,
    remedy: 'Export the game for Linux, or for the web.',
  };
}

function elfProblems(
  entry: string,
  head: Uint8Array,
  architectures: readonly string[],
): BuildProblem[] {
  const elf = readElfHeader(head);
  if (!elf)
    return [{ path: entry, what: `entry: ${entry} is cut off.`, remedy: 'Upload it whole.' }];
  if (!architectures.includes(elf.architecture)) {
    return [
      {
        path: entry,
        what: `entry: ${entry} is a program for ${elf.architecture}, and no container here is.`,
        remedy: `Upload a build for ${architectures.join(' or ')}.`,
      },
    ];
  }
  const loader = LOADERS[elf.architecture];
  if (elf.interpreter === undefined || elf.interpreter === loader) return [];
  return [
    {
      path: entry,
      what: `entry: ${entry} asks for the loader ${elf.interpreter}, which containers do not have.`,
      remedy: elf.interpreter.includes('musl')
        ? 'It was built on Alpine. Build it on Debian or Ubuntu, or link it statically.'
        : 'Build it on Debian or Ubuntu, or link it statically.',
    },
  ];
}

function scriptProblems(
  entry: string,
  head: Uint8Array,
  packages: readonly string[],
  files: FileLookup,
): BuildProblem[] {
  const text = new TextDecoder('latin1').decode(head.subarray(0, SCRIPT_LINE_BYTES));
  const line = text.split('\n')[0] ?? '';
  if (line.endsWith('\r')) {
    return [
      {
        path: entry,
        what: `entry: ${entry} has lines that end as on Windows (CR LF), and so its first line names no interpreter.`,
        remedy: 'Save it with LF.',
      },
    ];
  }
  const [interpreter = '', argument = ''] = line.slice(2).trim().split(/\s+/);
  if (interpreter.startsWith('/game/')) {
    const path = interpreter.slice('/game/'.length);
    return files.file(path) ? [] : [lacksInterpreter(entry, interpreter)];
  }
  if (!interpreter.startsWith('/')) return [lacksInterpreter(entry, interpreter)];
  // "env" looks for its first argument on the PATH.
  const program = interpreter.endsWith('/env') ? argument : interpreter;
  if (isEssential(program) || packages.length > 0) return [];
  return [needsPackage(`entry: ${entry}`, program)];
}

function isEssential(program: string): boolean {
  return ESSENTIAL.has(program.slice(program.lastIndexOf('/') + 1));
}

function lacksInterpreter(entry: string, interpreter: string): BuildProblem {
  return {
    path: entry,
    what: `entry: ${entry} names the interpreter "${interpreter}", which is not there.`,
    remedy: 'Name one by its whole path: "/bin/sh", or "/game/" and a file of the build.',
  };
}

function needsPackage(who: string, program: string): BuildProblem {
  const name = program.slice(program.lastIndexOf('/') + 1);
  return {
    what: `${who} needs ${program}, which containers do not have by themselves.`,
    remedy: `Name the Debian package it comes in under "packages", such as "${PACKAGES[name] ?? name}".`,
  };
}

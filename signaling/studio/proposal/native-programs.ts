import { ELF_HEAD_BYTES, readElfHeader } from '../../../protocol/elf-header.ts';
import { type FileLookup, nameOf } from '../builds/file-lookup.ts';
import { type ProgramKind, programKind } from '../builds/program-kind.ts';

/** A file that might be started, by what is in it. */
export interface NativeProgram {
  readonly path: string;
  readonly bytes: number;
  readonly kind: ProgramKind;
  /** Of an ELF program, as `process.arch` names it. */
  readonly architecture: string | undefined;
}

/** Names of programs usually have none of these endings, and libraries and data always have one. */
const LIKELY_NAME =
  /(?:^|\/)[^/.]+$|\.(?:x86_64|x86|x64|arm64|amd64|bin|run|sh|appimage|exe|elf|linux|out)$/i;

/** Looked into, of the most likely names first: no build has as many programs. */
const MAX_LOOKED_INTO = 2000;

/** What comes along with games, and is none. */
const HELPERS =
  /^(?:UnityCrashHandler(?:32|64)?|.*crash(?:_?pad)?_?(?:handler|reporter)|CrashReportClient|chrome[-_]sandbox|chrome_crashpad_handler|nacl_helper|UnrealCEFSubProcess|zsync|python\d?|pythonw)(?:\.\w+)?$/i;

/** Everything in a build that some system could start. */
export async function nativePrograms(files: FileLookup): Promise<NativeProgram[]> {
  const named = files.readable.filter(
    ({ path, runs }) => (runs || LIKELY_NAME.test(path)) && !HELPERS.test(nameOf(path)),
  );
  const programs: NativeProgram[] = [];
  for (const { path, bytes } of named.slice(0, MAX_LOOKED_INTO)) {
    const head = await files.readHead(path, ELF_HEAD_BYTES);
    const kind = programKind(head);
    if (kind === 'other') continue;
    const elf = readElfHeader(head);
    if (kind === 'elf' && (!elf || isLibrary(path, elf))) continue;
    programs.push({ path, bytes, kind, architecture: elf?.architecture });
  }
  return programs;
}

function isLibrary(path: string, elf: { type: number; interpreter: string | undefined }): boolean {
  const isProgram = elf.type === 2 || (elf.type === 3 && elf.interpreter !== undefined);
  return !isProgram || /\.so(?:\.\d+)*$/.test(path);
}

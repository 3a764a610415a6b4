import type { BuildFile, BuildFiles } from '../../signaling/studio/builds/build-files.ts';

/** What a made-up file holds; a program has the bit that lets it run. */
export type MadeUpFile = string | Uint8Array | { readonly program: string | Uint8Array };

/** A build that is nowhere but in memory. */
export function madeUpBuild(
  files: Readonly<Record<string, MadeUpFile>>,
  name = 'upload.zip',
): BuildFiles {
  const contents = new Map<string, Uint8Array>();
  const listed: BuildFile[] = [];
  for (const [path, file] of Object.entries(files)) {
    const runs = typeof file === 'object' && 'program' in file;
    const content = Buffer.from(runs ? file.program : file);
    contents.set(path, content);
    const bytes = content.length;
    listed.push({ path, kind: 'file', bytes, runs, target: '', leadsTo: undefined });
  }
  return {
    name,
    files: listed,
    readHead: async (path, maxBytes) => {
      const content = contents.get(path);
      if (!content) throw new Error(`There is no ${path}.`);
      return content.subarray(0, maxBytes);
    },
    makeRun: undefined,
  };
}

export interface ElfTraits {
  /** e_machine: 62 is x86-64, 183 arm64, 3 x86. */
  readonly machine?: number;
  /** e_type: 2 a program, 3 a library or a program loaded like one. */
  readonly type?: number;
  readonly interpreter?: string;
  /** Of the whole file. */
  readonly bytes?: number;
}

/** The head of an ELF file, 64 bits, and zeros. */
export function elf(traits: ElfTraits = {}): Buffer {
  const { machine = 62, type = 3, interpreter = '/lib64/ld-linux-x86-64.so.2' } = traits;
  const file = Buffer.alloc(Math.max(traits.bytes ?? 0, 512));
  file.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  file.writeUInt16LE(type, 16);
  file.writeUInt16LE(machine, 18);
  if (interpreter === '') return file;
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  // One program header, PT_INTERP, and after it what it names.
  file.writeUInt32LE(3, 64);
  file.writeBigUInt64LE(120n, 64 + 8);
  file.writeBigUInt64LE(BigInt(interpreter.length + 1), 64 + 32);
  file.write(`${interpreter}\0`, 120, 'latin1');
  return file;
}

/** A library. */
export function elfLibrary(): Buffer {
  return elf({ interpreter: '' });
}

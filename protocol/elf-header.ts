/** What an ELF file says of the machine it was made for. */
export interface ElfHeader {
  readonly bits: 32 | 64;
  /** e_type: 2 is a program at a fixed address, 3 a library, or a program that is loaded like one. */
  readonly type: number;
  /** As `process.arch` names it, or `machine N` for one unknown here. */
  readonly architecture: string;
  /** The program that loads it with its libraries; undefined for a static one. */
  readonly interpreter: string | undefined;
}

/** Bytes from the start of a file in which header and program headers lie, in files that linkers make. */
export const ELF_HEAD_BYTES = 4096;

/** e_machine, from elf.h. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};

const PROGRAM_INTERPRETER = 3;

const latin1 = new TextDecoder('latin1');

/** @param head the file's first {@link ELF_HEAD_BYTES}; @returns undefined for another kind of file. */
export function readElfHeader(head: Uint8Array): ElfHeader | undefined {
  if (head.length < 64 || latin1.decode(head.subarray(0, 4)) !== '\x7fELF') return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const bits = view.getUint8(4) === 1 ? 32 : 64;
  const little = view.getUint8(5) === 1;
  const machine = view.getUint16(18, little);
  const architecture = MACHINES[machine] ?? `machine ${machine}`;
  const type = view.getUint16(16, little);
  return { bits, type, architecture, interpreter: interpreterOf(view, bits, little) };
}

function interpreterOf(view: DataView, bits: 32 | 64, little: boolean): string | undefined {
  const wide = bits === 64;
  // Numbers beyond 2^53 are nonsense in a header and fail the bounds below.
  const word = (at: number) =>
    wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little);
  const tableAt = word(wide ? 32 : 28);
  const entryBytes = view.getUint16(wide ? 54 : 42, little);
  const entries = view.getUint16(wide ? 56 : 44, little);
  for (let i = 0; i < entries; i++) {
    const at = tableAt + i * entryBytes;
    if (at + (wide ? 56 : 32) > view.byteLength) return undefined;
    if (view.getUint32(at, little) !== PROGRAM_INTERPRETER) continue;
    const from = word(at + (wide ? 8 : 4));
    const bytes = word(at + (wide ? 32 : 16));
    if (from + bytes > view.byteLength) return undefined;
    const text = latin1.decode(new Uint8Array(view.buffer, view.byteOffset + from, bytes));
    return text.replace(/\0.*$/s, '');
  }
  return undefined;
}

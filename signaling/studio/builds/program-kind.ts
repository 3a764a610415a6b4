/** What a file is to whoever would run it. */
export type ProgramKind =
  | 'elf'
  | 'app-image'
  | 'script'
  | 'windows-program'
  | 'mac-program'
  | 'other';

/** Bytes that {@link programKind} looks at. */
const MAGIC_BYTES = 11;

/** Mach-O for one machine, of 32 and 64 bits in both orders, and for several. */
const MAC_MAGICS: ReadonlySet<string> = new Set([
  'feedface',
  'feedfacf',
  'cefaedfe',
  'cffaedfe',
  'cafebabe',
]);

/** In the ELF header's padding, by the AppImage specification, types 1 and 2. */
const APP_IMAGE_MARKS: ReadonlySet<string> = new Set(['AI\x01', 'AI\x02']);

/** @param head the file's first bytes. */
export function programKind(head: Uint8Array): ProgramKind {
  const magic = Buffer.from(head.subarray(0, MAGIC_BYTES));
  const text = magic.toString('latin1');
  if (text.startsWith('\x7fELF') && APP_IMAGE_MARKS.has(text.slice(8, 11))) return 'app-image';
  if (text.startsWith('\x7fELF')) return 'elf';
  if (text.startsWith('#!')) return 'script';
  if (text.startsWith('MZ')) return 'windows-program';
  if (MAC_MAGICS.has(magic.toString('hex', 0, 4))) return 'mac-program';
  return 'other';
}

/** Whether a file may be run on Linux, libraries included, which does no harm. */
export function startsLikeProgram(head: Uint8Array): boolean {
  return ['elf', 'app-image', 'script'].includes(programKind(head));
}

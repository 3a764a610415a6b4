/** Bytes of a file, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * What a `Range` header asks of a file (RFC 9110 §14.1.2).
 * @param sizeBytes of the whole file.
 * @returns `whole` where the header says nothing that is served in part, several ranges among it;
 * `unsatisfiable` where it begins behind the end.
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!parts) return 'whole';
  const [, from = '', to = ''] = parts;
  if (from === '') {
    if (to === '') return 'whole';
    const lengthBytes = Math.min(Number(to), sizeBytes);
    if (lengthBytes === 0) return 'unsatisfiable';
    return { first: sizeBytes - lengthBytes, last: sizeBytes - 1 };
  }
  const first = Number(from);
  const last = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (first >= sizeBytes) return 'unsatisfiable';
  return to !== '' && Number(to) < first ? 'whole' : { first, last };
}

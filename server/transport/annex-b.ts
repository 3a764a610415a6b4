const START_CODE = Buffer.from([0, 0, 1]);

/** A NAL unit as a range of the access unit, start code excluded. */
export interface NalUnit {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the NAL units of a byte stream (H.264 and H.265, Annex B).
 * @param isUseful asked with the first byte of each; units it refuses are left out.
 */
export function splitAnnexB(
  accessUnit: Buffer,
  isUseful: (firstByte: number) => boolean,
): NalUnit[] {
  const units: NalUnit[] = [];
  let code = accessUnit.indexOf(START_CODE);
  while (code >= 0) {
    const start = code + START_CODE.length;
    const next = accessUnit.indexOf(START_CODE, start);
    let end = next < 0 ? accessUnit.length : next;
    // A NAL unit never ends in a zero byte: those belong to the next start code, or are padding.
    while (end > start && accessUnit[end - 1] === 0) end--;
    if (end > start && isUseful(accessUnit[start] ?? 0)) units.push({ start, end });
    code = next;
  }
  return units;
}

import { type Entry, getFileNameLowLevel } from 'yauzl';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * An entry's name. Finder and Info-ZIP write UTF-8 without saying so; what is not UTF-8 is what the
 * format says it is, CP437.
 */
export function zipName({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  try {
    return utf8.decode(fileNameRaw);
  } catch {
    return getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
  }
}

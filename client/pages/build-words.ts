import type { BuildState } from '../../protocol/studio-builds.ts';

export const STATE_WORDS: Readonly<Record<BuildState, string>> = {
  checking: 'Checking',
  refused: 'Refused',
  unconfirmed: 'To be confirmed',
  trying: 'Trying out',
  failed: 'Failed',
  ready: 'Ready',
};

const UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** "412 B", "3.4 MB", "34 GB". @param bytes not negative. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${UNITS[unit]}`;
}

/** "1 file", "412 files". */
export function countFiles(files: number): string {
  return files === 1 ? '1 file' : `${files.toLocaleString('en-GB')} files`;
}

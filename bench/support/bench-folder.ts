import { temporaryFolder } from '../../test/support/rockpool-process.ts';
import type { Belongings } from './run-bench.ts';

/** Makes a folder that is gone with the bench, however that ends. @returns its path. */
export function benchFolder(belongings: Belongings): string {
  const folder = temporaryFolder();
  belongings.add({ close: () => folder.remove(), kill: () => folder.remove() });
  return folder.path;
}

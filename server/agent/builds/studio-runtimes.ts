import type { BuildManifest } from '../../../protocol/build-manifest.ts';
import { desktopProblem } from '../../../renderer/desktop/desktop-requirements.ts';

export type Runtime = BuildManifest['runtime'];

/** The kinds of studios' builds that this machine runs, of those that its operator lets it. */
export async function studioRuntimes(
  wanted: readonly Runtime[],
  problem: () => Promise<string | undefined> = desktopProblem,
): Promise<Runtime[]> {
  if (wanted.length === 0 || (await problem()) !== undefined) return [];
  return [...new Set(wanted)];
}

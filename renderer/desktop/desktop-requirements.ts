import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describeSandbox } from '../sandbox/sandbox-description.ts';

/** Programs that do the same, of which one must be there, and the Debian package that brings it. */
const NEEDS = [
  { programs: ['Xvfb'], debianPackage: 'xvfb' },
  { programs: ['bwrap'], debianPackage: 'bubblewrap' },
  { programs: ['pulseaudio', 'pipewire-pulse'], debianPackage: 'pulseaudio' },
] as const;

/**
 * What this machine lacks to run builds, with the line that installs it; undefined where it lacks
 * nothing.
 * @param path folders to look in, as in the variable PATH.
 */
export async function missingForDesktop(
  path = process.env.PATH ?? '',
): Promise<string | undefined> {
  const missing: (typeof NEEDS)[number][] = [];
  for (const need of NEEDS) {
    const found = await Promise.all(need.programs.map((program) => isOnPath(program, path)));
    if (!found.includes(true)) missing.push(need);
  }
  if (missing.length === 0) return undefined;
  const programs = missing.map((need) => need.programs.join(' or ')).join(', ');
  const packages = missing.map((need) => need.debianPackage).join(' ');
  return `Builds are not offered: this machine has no ${programs}. To install what is missing, run:\n  sudo apt-get install --no-install-recommends ${packages}`;
}

/** Why builds do not run on this machine, with what to do about it; undefined where they do. */
export async function desktopProblem(): Promise<string | undefined> {
  const missing = await missingForDesktop();
  if (missing !== undefined) return missing;
  const { problem } = await describeSandbox();
  return problem && `Builds are not offered: ${problem}`;
}

async function isOnPath(program: string, path: string): Promise<boolean> {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const found = folders.map((folder) =>
    access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(found)).includes(true);
}

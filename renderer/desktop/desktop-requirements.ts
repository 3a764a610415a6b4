import { findProgram } from '../sandbox/host-programs.ts';
import { describeSandbox } from '../sandbox/sandbox-description.ts';

/** Programs, or others that do the same, and the Debian package that brings the first. */
const NEEDS: readonly {
  readonly choices: readonly (readonly string[])[];
  readonly debianPackage: string;
}[] = [
  { choices: [['Xvfb']], debianPackage: 'xvfb' },
  { choices: [['bwrap']], debianPackage: 'bubblewrap' },
  { choices: [['pulseaudio'], ['pipewire', 'wireplumber']], debianPackage: 'pulseaudio' },
];

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
    const found = await Promise.all(need.choices.map((programs) => areOnPath(programs, path)));
    if (!found.includes(true)) missing.push(need);
  }
  if (missing.length === 0) return undefined;
  const programs = missing
    .map(({ choices }) => choices.map((choice) => choice.join(' with ')).join(' or '))
    .join(', ');
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

async function areOnPath(programs: readonly string[], path: string): Promise<boolean> {
  const found = await Promise.all(programs.map((program) => findProgram(program, path)));
  return !found.includes(undefined);
}

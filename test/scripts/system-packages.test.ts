import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/system-packages.mjs', import.meta.url));

/** Says what it was asked for, installs by leaving a file, and has no package named `ghost`. */
const APT_GET = `#!/bin/sh
echo "$@" >>"$PLACE/asked"
case "$*" in *ghost*) exit 100;; esac
for word in "$@"; do : >"$PLACE/has-$word"; done
`;

let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'rockpool-packages-'));
});
afterEach(() => rmSync(place, { recursive: true }));

function program(name: string, text: string): void {
  writeFileSync(join(place, name), text, { mode: 0o755 });
}

/** Has packages of these names made sure of, each of which brings what it is called. */
function ensure(...names: readonly string[]): string {
  const text = `
    import { existsSync } from 'node:fs';
    const { ensureSystemPackages } = await import(process.env.SCRIPT);
    ensureSystemPackages(JSON.parse(process.env.NAMES).map((name) => ({
      what: 'the ' + name,
      present: () => existsSync(process.env.PLACE + '/has-' + name),
      packages: [name],
    })));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', text], {
    env: { PATH: place, PLACE: place, SCRIPT, NAMES: JSON.stringify(names) },
    encoding: 'utf8',
  });
  return stdout;
}

const asked = () => readFileSync(join(place, 'asked'), 'utf8').trim().split('\n');

describe('ensureSystemPackages', () => {
  beforeEach(() => {
    // Whoever is not root has the password asked by it, or not.
    program('sudo', '#!/bin/sh\nshift\nexec "$@"\n');
    program('true', '#!/bin/sh\n');
  });

  it('installs what is missing in one go, removes nothing, and is quiet the next time', () => {
    program('apt-get', APT_GET);
    expect(ensure('lamp', 'rope')).toContain('Installing lamp, rope (the lamp; the rope)…');
    const install = 'install -y --no-remove --no-install-recommends -q lamp rope';
    expect(asked()).toEqual(['update -q', install]);
    expect(ensure('lamp', 'rope')).toBe('');
    expect(asked()).toHaveLength(2);
  });

  it('installs what it can where one cannot be had, and says which, with the line to run', () => {
    program('apt-get', APT_GET);
    expect(ensure('lamp', 'ghost', 'rope')).toContain(
      'Still missing: the ghost. To try by hand, run:\n  sudo apt-get update && sudo apt-get install -y --no-remove --no-install-recommends ghost\n',
    );
    expect(ensure('lamp', 'rope')).toBe('');
  });

  it('prints the line to run where it may not install', () => {
    expect(ensure('lamp')).toBe(
      'Missing: the lamp. To install it, run:\n  sudo apt-get update && sudo apt-get install -y --no-remove --no-install-recommends lamp\n',
    );
  });
});

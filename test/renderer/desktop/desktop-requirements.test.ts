import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingForDesktop } from '../../../renderer/desktop/desktop-requirements.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rockpool-path-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function install(...names: readonly string[]): void {
  for (const name of names) writeFileSync(join(folder, name), '', { mode: 0o755 });
}

describe('missingForDesktop', () => {
  it('is content where everything is on PATH, whichever sound server that is', async () => {
    install('Xvfb', 'bwrap', 'pipewire', 'wireplumber');
    expect(await missingForDesktop(`/nowhere:${folder}`)).toBeUndefined();
  });

  it('names what is missing and the one line that installs it', async () => {
    install('bwrap');
    expect(await missingForDesktop(folder)).toBe(
      'Builds are not offered: this machine has no Xvfb, pulseaudio or pipewire with wireplumber. To install what is missing, run:\n' +
        '  sudo apt-get install --no-install-recommends xvfb pulseaudio',
    );
  });

  it('has no sound of a PipeWire that nothing connects', async () => {
    install('Xvfb', 'bwrap', 'pipewire');
    expect(await missingForDesktop(folder)).toContain(
      'apt-get install --no-install-recommends pulseaudio',
    );
  });

  it('does not take a file that cannot be run for a program', async () => {
    install('Xvfb', 'pulseaudio');
    writeFileSync(join(folder, 'bwrap'), '', { mode: 0o644 });
    mkdirSync(join(folder, 'other'));
    expect(await missingForDesktop(folder)).toContain('bubblewrap');
  });
});

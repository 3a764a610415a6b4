import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { makeDesktopFolder } from '../../../renderer/desktop/desktop-folder.ts';
import { sweepSandboxes } from '../../../renderer/sandbox/sandbox-description.ts';

const MODULE = fileURLToPath(
  new URL('../../../renderer/desktop/desktop-folder.ts', import.meta.url),
);

/** A worker that makes a folder, says where, and stays until it is killed. */
const WORKER = `
import { makeDesktopFolder } from ${JSON.stringify(MODULE)};
process.stdout.write(await makeDesktopFolder());
setInterval(() => {}, 1e6);
`;

describe('the folder of a desktop', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('goes when its worker was killed, and stays while that lives', async () => {
    const worker = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', WORKER],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exited = once(worker, 'exit');
    const [text] = await once(worker.stdout, 'data');
    const theirs = String(text);
    const ours = await makeDesktopFolder();
    folders.push(theirs, ours);
    await writeFile(join(theirs, 'Xauthority'), '');

    await sweepSandboxes();
    expect([theirs, ours].map(existsSync)).toEqual([true, true]);

    worker.kill('SIGKILL');
    await exited;
    await sweepSandboxes();
    expect([theirs, ours].map(existsSync)).toEqual([false, true]);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderClaim } from '../../../signaling/store/folder-claim.ts';
import { temporaryFolder } from '../../support/rockpool-process.ts';

const SOURCE = new URL('../../../signaling/store/folder-claim.ts', import.meta.url).href;

let folder: ReturnType<typeof temporaryFolder>;
let other: ChildProcess | undefined;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await end();
  folder.remove();
});

/** Another process that claims the folder, and tells what came of it. */
async function claimElsewhere(): Promise<{ readonly pid: number; readonly told: string }> {
  const program = `
    const { FolderClaim } = await import(${JSON.stringify(SOURCE)});
    await FolderClaim.take(${JSON.stringify(folder.path)}).then(
      () => console.log('claimed'),
      (error) => console.log(error.code),
    );
    setInterval(() => {}, 1000);`;
  other = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [told] = await once(other.stdout as Readable, 'data');
  return { pid: other.pid ?? 0, told: String(told).trim() };
}

/** Ends the other process as a lost machine does: it cleans up nothing. */
async function end(): Promise<void> {
  if (other === undefined) return;
  const exited = once(other, 'exit');
  other.kill('SIGKILL');
  await exited;
  other = undefined;
}

describe('the claim of a folder', () => {
  it('is one at a time in a process, and leaves nothing when it is released', async () => {
    const claim = await FolderClaim.take(folder.path);
    await expect(FolderClaim.take(folder.path)).rejects.toMatchObject({
      code: 'bad-configuration',
    });
    await claim.release();
    await claim.release();
    expect(readdirSync(folder.path)).toEqual([]);
    await (await FolderClaim.take(folder.path)).release();
  });

  it('is one at a time among processes', async () => {
    const { pid, told } = await claimElsewhere();
    expect(told).toBe('claimed');
    await expect(FolderClaim.take(folder.path)).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringContaining(`in use by process ${pid}`),
    });
    expect(readdirSync(folder.path)).toHaveLength(1);
  });

  it('refuses another process while it is held here', async () => {
    const claim = await FolderClaim.take(folder.path);
    expect((await claimElsewhere()).told).toBe('bad-configuration');
    expect(readdirSync(folder.path)).toHaveLength(1);
    await claim.release();
  });

  it('does not outlive a process that was killed', async () => {
    await claimElsewhere();
    await end();
    expect(readdirSync(folder.path)).toHaveLength(1);
    const claim = await FolderClaim.take(folder.path);
    expect(readdirSync(folder.path)).toEqual([expect.stringMatching(`^in-use-${process.pid}-`)]);
    await claim.release();
  });

  it('is not held by a later process of the same number', async () => {
    writeFileSync(join(folder.path, `in-use-${process.ppid}-00000000.1`), '');
    writeFileSync(join(folder.path, `in-use-${process.pid}-00000000.1`), '');
    await (await FolderClaim.take(folder.path)).release();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('leaves alone what else is in the folder', async () => {
    writeFileSync(join(folder.path, 'in-use'), '');
    writeFileSync(join(folder.path, 'postgres'), '');
    await (await FolderClaim.take(folder.path)).release();
    expect(readdirSync(folder.path).sort()).toEqual(['in-use', 'postgres']);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, statfs } from 'node:fs/promises';
import { RockpoolError } from '../../protocol/errors.ts';
import { SYSTEM_PATH } from './host-programs.ts';
import { type SandboxUser, userChange } from './sandbox-user.ts';

/** Written by the sandbox's user: the kernel lets not even root make files in there. */
const COPY_SCRIPT = `from=$1; to=$2; shift 2
tar -C "$from" -cf - . | "$@" tar -C "$to" -xf -`;

/**
 * Copies a folder's content into a sandbox's home folder.
 * @throws RockpoolError `resource-limit` where it does not fit.
 */
export async function fillHome(from: string, to: string, user: SandboxUser): Promise<void> {
  if ((await readdir(from)).length === 0) return;
  // env: a command even where no user is to be changed.
  const args = ['-c', COPY_SCRIPT, 'sh', from, to, ...userChange(user, []), 'env'];
  const child = spawn('/bin/sh', args, {
    env: { PATH: SYSTEM_PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = `${errors}${chunk.toString('utf8')}`.slice(0, 1000);
  });
  const [code] = await once(child, 'close');
  if (code === 0) return;
  if ((await statfs(to)).bavail === 0) {
    throw new RockpoolError(
      'resource-limit',
      'The saved files of this game do not fit into its home folder: raise limits.diskMib in rockpool.json.',
    );
  }
  throw new RockpoolError('internal', `The game's saved files were not restored: ${errors.trim()}`);
}

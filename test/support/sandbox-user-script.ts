import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_MOUNT, HOME_MOUNT } from '../../protocol/build-manifest.ts';
import { openSandbox } from '../../renderer/sandbox/bubblewrap-sandbox.ts';
import { describeSandbox } from '../../renderer/sandbox/sandbox-description.ts';

/**
 * A worker of its own, for tests of what happens as another user or after its death: runs the
 * build's `attack.py` and tells what it saw. Arguments: build folder, session
 * name, argument of the program.
 */
async function runOnce(buildFolder: string, sessionName: string, mark: string): Promise<void> {
  const description = await describeSandbox();
  const sandbox = await openSandbox({
    command: '/usr/bin/python3',
    args: [`${BUILD_MOUNT}/attack.py`, mark],
    environment: {},
    workingFolder: HOME_MOUNT,
    buildFolder,
    binds: [],
    network: false,
    gpu: false,
    limits: { memoryMib: 256, cpus: 1, processes: 64, diskMib: 16, openFiles: 256 },
    sessionName,
  });
  await writeFile(join(sandbox.homePath, 'save'), 'restored');
  await sandbox.start();
  process.stdout.write(`${JSON.stringify({ started: sandbox.hostUser, description })}\n`);
  const exit = await sandbox.exited;
  const result = {
    exit,
    saved: await readFile(join(sandbox.homePath, 'saved'), 'utf8'),
    log: sandbox.logTail(),
    uid: process.getuid?.(),
  };
  await sandbox.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

const [, , buildFolder = '', sessionName = '', mark = ''] = process.argv;
await runOnce(buildFolder, sessionName, mark);

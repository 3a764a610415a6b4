import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import { HOME_MOUNT } from '../../../protocol/build-manifest.ts';
import type { Scheduler } from '../../../renderer/clock.ts';
import { processStat } from '../../../renderer/sandbox/owner-mark.ts';
import { treeOf } from '../../../renderer/sandbox/process-tree.ts';
import { describeSandbox, sweepSandboxes } from '../../../renderer/sandbox/sandbox-description.ts';
import {
  describeWithSandbox,
  HostileBuilds,
  leftoversOf,
  sandboxProblem,
} from '../../support/hostile-build.ts';

const problem = await sandboxProblem();
const { internet } = await describeSandbox();
const isRoot = process.geteuid?.() === 0;
const WAIT = { timeout: 30_000, interval: 20 };
const SCRIPT = fileURLToPath(new URL('../../support/sandbox-user-script.ts', import.meta.url));
const TSX = fileURLToPath(new URL('../../../node_modules/tsx/dist/cli.mjs', import.meta.url));

/** State letters (proc_pid_stat(5)) of the build's program and all that it started. */
async function statesOf(mark: string): Promise<string> {
  for (const name of await readdir('/proc')) {
    const words = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '');
    if (!words.startsWith('/usr/bin/python3') || !words.includes(mark)) continue;
    const stats = await Promise.all((await treeOf(Number(name))).map(processStat));
    return stats.map((stat) => stat?.[0] ?? '').join('');
  }
  return '';
}

/** Whether all of them have ended, asked for by their parents or not. */
async function areGone(pids: readonly number[]): Promise<boolean> {
  const stats = await Promise.all(pids.map(processStat));
  return stats.every((stat) => stat === undefined || stat[0] === 'Z');
}

describeWithSandbox('a sandboxed program', problem, () => {
  const builds = new HostileBuilds();
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await builds.close();
  });

  it('stands still with all it started while paused, and ends all the same when asked to', async () => {
    const sandbox = await builds.open(
      await builds.order(
        `
import subprocess, sys
child = subprocess.Popen(['/bin/sh', '-c', 'while :; do echo child; sleep 0.01; done'])
while True:
    print('parent', flush=True)
    __import__('time').sleep(0.01)
`,
      ),
    );
    await sandbox.start();
    await vi.waitFor(() => expect(sandbox.logTail()).toMatch(/child\s[\s\S]*parent/), WAIT);
    await sandbox.setPaused(true);
    // A shell whose child stopped between vfork and exec waits for it, and stands still as well: D.
    const stands = /^T(T+|DT)Z?$/;
    await vi.waitFor(async () => expect(await statesOf(builds.mark)).toMatch(stands), WAIT);
    await sandbox.setPaused(false);
    await vi.waitFor(async () => expect(await statesOf(builds.mark)).not.toContain('T'), WAIT);
    const before = sandbox.logTail().length;
    await vi.waitFor(() => expect(sandbox.logTail().length).toBeGreaterThan(before), WAIT);
    await sandbox.setPaused(true);
    await sandbox.kill();
    expect(await sandbox.exited).toEqual({ kind: 'signal', signal: 'SIGTERM' });
  });

  it('finds its saves restored, and what it writes is read while it runs and after its end', async () => {
    const sandbox = await builds.open(
      await builds.order(
        `
import sys
print(open('saves/deep/slot1').read(), oct(__import__('os').stat('saves/deep/slot1').st_mode), flush=True)
open('saves/slot2', 'w').write('new')
print('written', flush=True)
sys.stdin.read()
open('saves/slot3', 'w').write('last')
`,
        { stdio: 'pipes' },
      ),
    );
    await mkdir(join(sandbox.homePath, 'saves/deep'), { recursive: true });
    await writeFile(join(sandbox.homePath, 'saves/deep/slot1'), 'old', { mode: 0o600 });
    await sandbox.start();
    const lines: string[] = [];
    const { pipes } = sandbox;
    if (!pipes) throw new Error('the order asked for pipes');
    createInterface({ input: pipes.stdout }).on('line', (line) => lines.push(line));
    await vi.waitUntil(() => lines.length === 2, WAIT);
    expect(lines).toEqual(['old 0o100600', 'written']);
    expect(await readFile(join(sandbox.homePath, 'saves/slot2'), 'utf8')).toBe('new');
    pipes.stdin.end();
    expect(await sandbox.exited).toEqual({ kind: 'exit', code: 0 });
    expect(await readFile(join(sandbox.homePath, 'saves/slot3'), 'utf8')).toBe('last');
    const home = sandbox.homePath;
    await sandbox.close();
    await expect(readdir(home)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is told what does not fit when its saves are larger than its disk', async () => {
    const order = await builds.order('print("runs")', {
      sessionName: 'too-full',
      limits: { diskMib: 1 },
    });
    const sandbox = await builds.open(order);
    await writeFile(join(sandbox.homePath, 'big'), Buffer.alloc(2 << 20));
    await expect(sandbox.start()).rejects.toMatchObject({
      code: 'resource-limit',
      message: expect.stringContaining('limits.diskMib'),
    });
    await sandbox.close();
    expect(sandbox.logTail()).not.toContain('runs');
    expect(await leftoversOf('too-full')).toEqual([]);
  });

  it('ends in its own way when it listens to SIGTERM', async () => {
    const sandbox = await builds.open(
      await builds.order(`
import signal, sys
def leave(signum, frame):
    open('saved', 'w').write('in time')
    sys.exit(4)
signal.signal(signal.SIGTERM, leave)
print('ready', flush=True)
while True: signal.pause()
`),
    );
    await sandbox.start();
    await vi.waitUntil(() => sandbox.logTail().includes('ready'), WAIT);
    await sandbox.kill();
    expect(await sandbox.exited).toEqual({ kind: 'exit', code: 4 });
    expect(await readFile(join(sandbox.homePath, 'saved'), 'utf8')).toBe('in time');
  });

  it('is ended with its children after the grace when it ignores SIGTERM', async () => {
    const graces: (() => void)[] = [];
    const scheduler: Scheduler = {
      after(delayMs, task) {
        if (delayMs !== 3000) return () => undefined;
        graces.push(task);
        return () => undefined;
      },
    };
    const sandbox = await builds.open(
      await builds.order(`
import os, signal
signal.signal(signal.SIGTERM, lambda *args: print('heard', flush=True))
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    print('ready', flush=True)
while True: signal.pause()
`),
      { scheduler },
    );
    await sandbox.start();
    await vi.waitUntil(() => sandbox.logTail().includes('ready'), WAIT);
    const killed = sandbox.kill();
    await vi.waitUntil(() => sandbox.logTail().includes('heard') && graces.length > 0, WAIT);
    expect((await builds.processes()).length).toBeGreaterThan(1);
    for (const grace of graces) grace();
    await killed;
    expect(await sandbox.exited).toEqual({ kind: 'signal', signal: 'SIGKILL' });
    expect(await builds.processes()).toEqual([]);
  });

  it('that crashes is said to have crashed', async () => {
    const { exit } = await builds.run('import os, signal; os.kill(os.getpid(), signal.SIGSEGV)');
    expect(exit).toEqual({ kind: 'signal', signal: 'SIGSEGV' });
  });

  it('sees the files, sockets and build it was given, though their folders are closed to others', async () => {
    const closed = await builds.folder();
    await chmod(closed, 0o700);
    const socketPath = join(closed, 'socket');
    const server = createServer((socket) => socket.end('from the host'));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    await chmod(socketPath, 0o777);
    await mkdir(join(closed, 'shared'), { mode: 0o777 });
    await chmod(join(closed, 'shared'), 0o777);
    try {
      const { log } = await builds.run(
        `
import os, socket
end = socket.socket(socket.AF_UNIX)
end.connect('/run/sound/native')
print(end.recv(100).decode())
print(open('/run/authority').read())
open('/tmp/shared/out', 'w').write('to the host')
try:
    open('/run/shared/out2', 'w')
except OSError as error:
    print('read-only', error.errno)
print(os.environ['DISPLAY'], os.environ['HOME'])
`,
        {
          binds: [
            { from: socketPath, to: '/run/sound/native', writable: true },
            { from: join(closed, 'shared'), to: '/tmp/shared', writable: true },
            { from: join(closed, 'shared'), to: '/run/shared' },
          ],
          files: [{ to: '/run/authority', content: 'a cookie' }],
          environment: { DISPLAY: ':77' },
        },
      );
      expect(log).toBe(`from the host\na cookie\nread-only 30\n:77 ${HOME_MOUNT}\n`);
      expect(await readFile(join(closed, 'shared/out'), 'utf8')).toBe('to the host');
    } finally {
      server.close();
    }
  });

  it('closed before, during and after its start leaves nothing', async () => {
    const script = 'import signal; signal.pause()';
    const before = await builds.open(await builds.order(script, { sessionName: 'closed-early' }));
    await before.close();
    expect(await before.exited).toEqual({ kind: 'signal', signal: 'SIGKILL' });
    const during = await builds.open(await builds.order(script, { sessionName: 'closed-early' }));
    const started = during.start();
    await Promise.all([during.close(), started.catch(() => undefined)]);
    const after = await builds.open(await builds.order(script, { sessionName: 'closed-early' }));
    await after.start();
    await Promise.all([after.close(), after.close()]);
    await after.close();
    expect(await after.exited).toEqual({ kind: 'signal', signal: 'SIGKILL' });
    expect(await builds.processes()).toEqual([]);
    expect(await leftoversOf('closed-early')).toEqual([]);
  });

  it('that cannot start says why', async () => {
    const order = await builds.order('', { binds: [{ from: '/nowhere', to: '/nowhere' }] });
    const sandbox = await builds.open(order);
    await expect(sandbox.start()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('/nowhere'),
    });
  });

  it('dies with its worker, and the next container removes what is left', async () => {
    const build = await builds.build({ 'attack.py': 'import signal; signal.pause()' });
    const worker = spawn(process.execPath, [TSX, SCRIPT, build, 'orphaned', builds.mark], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(worker);
    await once(createInterface({ input: worker.stdout }), 'line');
    expect((await builds.processes()).length).toBeGreaterThan(0);
    // A live worker's sandbox is nobody else's to remove.
    const alive = await leftoversOf('orphaned');
    await sweepSandboxes();
    expect(await leftoversOf('orphaned')).toEqual(alive);
    // tsx runs the script in a process of its own, which dies with it.
    const script = await childrenOf(worker.pid ?? 0);
    for (const pid of script) process.kill(pid, 'SIGKILL');
    await vi.waitUntil(async () => (await builds.processes()).length === 0, WAIT);
    await vi.waitUntil(() => areGone(script), WAIT);
    await sweepSandboxes();
    expect(await leftoversOf('orphaned')).toEqual([]);
  });

  it.skipIf(!isRoot)(
    'runs and is read for a worker that is an ordinary user (as root, which may become one)',
    async () => {
      const build = await builds.build({
        'attack.py': `
import os
open('saved', 'w').write(open('save').read() + ' and saved')
print(os.getuid())
try:
    kept = [bytearray(b'x' * (16 << 20)) for i in range(8)]
    print('128 MiB are fine')
except MemoryError:
    pass
print(open('/proc/self/limits').read())
`,
      });
      const folder = await builds.folder();
      await chmod(folder, 0o777);
      await chmod(join(build, '..'), 0o755);
      const user = ['--reuid', '12345', '--regid', '12345', '--clear-groups', '--inh-caps=-all'];
      const worker = spawn(
        'setpriv',
        [...user, process.execPath, TSX, SCRIPT, build, 'ordinary', builds.mark],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { PATH: process.env.PATH, HOME: folder },
        },
      );
      children.push(worker);
      const lines: string[] = [];
      createInterface({ input: worker.stdout }).on('line', (line) => lines.push(line));
      const [code] = await once(worker, 'close');
      const [started, result] = lines.map((line) => JSON.parse(line));
      expect(started).toMatchObject({
        started: { uid: 12345, gid: 12345 },
        description: { available: true, user: 'own', cgroups: 'none' },
      });
      expect(result).toMatchObject({
        exit: { kind: 'exit', code: 0 },
        saved: 'restored and saved',
        uid: 12345,
      });
      expect(result.log).toMatch(/^1000\n128 MiB are fine\n/);
      expect(result.log).toMatch(/Max processes\s+66\s+66/);
      expect(result.log).toMatch(/Max open files\s+256\s+256/);
      expect(result.log).toMatch(/Max data size\s+570425344/);
      expect(code).toBe(0);
      expect(await leftoversOf('ordinary')).toEqual([]);
    },
  );

  const networkTest = internet
    ? 'with the internet reaches neither the host nor its neighbours'
    : 'with the internet reaches neither the host nor its neighbours (skipped: slirp4netns, nsenter or ip is missing)';
  it.skipIf(!internet)(networkTest, async () => {
    let reached = 0;
    const server = createServer((socket) => {
      reached++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen({ host: '0.0.0.0', port: 0 }, resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const own = Object.values(networkInterfaces())
      .flat()
      .flatMap((entry) => (entry?.family === 'IPv4' && !entry.internal ? [entry.address] : []));
    const hosts = ['198.18.77.2', '10.0.2.2', '169.254.169.254', '192.168.0.1', '10.0.0.1', ...own];
    try {
      const { sandbox, log } = await builds.run(
        `
import errno, socket, subprocess
print('interfaces', sorted(name for index, name in socket.if_nameindex()))
for host in ${JSON.stringify(hosts)}:
    end = socket.socket()
    end.settimeout(10)
    try:
        end.connect((host, ${port}))
        print(host, 'DONE')
    except OSError as error:
        print(host, errno.errorcode.get(error.errno, error))
try:
    socket.create_connection(('127.0.0.1', ${port}))
    print('loopback DONE')
except OSError as error:
    print('loopback', errno.errorcode[error.errno])
print(open('/etc/resolv.conf').read().strip())
print('routes', subprocess.run(['/usr/sbin/ip', 'route', 'del', 'unreachable', '169.254.0.0/16'], capture_output=True).returncode)
`,
        { network: true, sessionName: 'internet' },
      );
      expect(log).toContain("interfaces ['lo', 'tap0']");
      expect(log).toContain('198.18.77.2 ENETUNREACH');
      for (const host of hosts.slice(1)) expect(log).toContain(`${host} EHOSTUNREACH`);
      expect(log).toContain('loopback ECONNREFUSED');
      expect(log).toContain('nameserver 198.18.77.3');
      expect(log).toContain('routes 2');
      expect(reached).toBe(0);
      await sandbox.close();
      expect(await leftoversOf('internet')).toEqual([]);
    } finally {
      server.close();
    }
  });
});

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return text.trim().split(' ').map(Number);
}

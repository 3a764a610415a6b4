import { mkdir, readFile, stat, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { HOME_MOUNT } from '../../../protocol/build-manifest.ts';
import { findControlGroups } from '../../../renderer/sandbox/control-group-hierarchies.ts';
import { listFolderWithin, openFileWithin } from '../../../renderer/sandbox/folder-within.ts';
import {
  describeWithSandbox,
  HostileBuilds,
  leftoversOf,
  sandboxProblem,
} from '../../support/hostile-build.ts';

const problem = await sandboxProblem();
const groups = await findControlGroups();
const isRoot = process.geteuid?.() === 0;
const TIMEOUT_MS = 60_000;
const WAIT = { timeout: 30_000, interval: 20 };

/** Defines `attempt`, which prints whether something succeeded or the name of the error it met. */
const ATTEMPT = `
import errno, os, socket, subprocess, sys
def attempt(name, action):
    try:
        result = action()
        print(name, 'DONE', result, flush=True)
    except OSError as error:
        print(name, errno.errorcode.get(error.errno, error), flush=True)
`;

describeWithSandbox('a hostile build', problem, () => {
  const builds = new HostileBuilds();
  afterEach(() => builds.close());

  it('that forks without end is stopped, and nothing of it is left', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { sandbox, exit } = await builds.run(
      `
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
`,
      { sessionName: 'fork-bomb', limits: { processes: 40, cpus: 0.5 } },
    );
    expect(exit).toEqual({ kind: 'limit', limit: 'processes' });
    expect(await builds.processes()).toEqual([]);
    await sandbox.close();
    expect(await leftoversOf('fork-bomb')).toEqual([]);
  });

  it('never has more processes than its limit', { timeout: TIMEOUT_MS }, async () => {
    const { exit, log } = await builds.run(
      `
import os, signal, sys
children = []
try:
    while len(children) < 500:
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
except OSError as error:
    print('refused after', len(children), error.errno)
    sys.exit(1)
`,
      { limits: { processes: 40 } },
    );
    const refusedAfter = Number(/refused after (\d+) 11/.exec(log)?.[1]);
    expect(refusedAfter).toBeGreaterThan(30);
    expect(refusedAfter).toBeLessThanOrEqual(40);
    if (groups.kind !== 'none') expect(exit).toEqual({ kind: 'limit', limit: 'processes' });
  });

  const allocate = `
blocks = []
for i in range(512):
    blocks.append(bytearray(b'x' * (16 << 20)))
print('has it all')
`;

  it('that takes 8 GiB is ended at its limit, for its memory', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { exit, log } = await builds.run(allocate, { limits: { memoryMib: 128 } });
    expect(log).not.toContain('has it all');
    if (groups.kind === 'none') expect(exit.kind).not.toBe('exit');
    else expect(exit).toEqual({ kind: 'limit', limit: 'memory' });
  });

  it('that takes memory little by little is ended without control groups too', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { exit } = await builds.run(
      `
import os, time
kept = []
for i in range(3):
    if os.fork() == 0:
        break
while True:
    kept.append(b'x' * (1 << 20) + os.urandom(8))
    time.sleep(0.005)
`,
      { limits: { memoryMib: 128 } },
      { controlGroups: { kind: 'none', problem: 'for this test' } },
    );
    expect(exit).toEqual({ kind: 'limit', limit: 'memory' });
    expect(await builds.processes()).toEqual([]);
  });

  it('that forks without end is stopped without control groups too', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { exit } = await builds.run(
      `
import os, signal
while True:
    try:
        if os.fork() == 0:
            signal.pause()
    except OSError:
        signal.pause()
`,
      { limits: { processes: 20 } },
      { controlGroups: { kind: 'none', problem: 'for this test' } },
    );
    expect(exit).toEqual({ kind: 'limit', limit: 'processes' });
    expect(await builds.processes()).toEqual([]);
  });

  it('that fills its disk meets the end of its own, and the host has not written a byte', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const fill = `${ATTEMPT}
def fill(path):
    with open(path, 'wb', buffering=0) as file:
        for i in range(1024):
            file.write(b'x' * (1 << 20))
for path in ['${HOME_MOUNT}/big', '/tmp/big', '/dev/shm/big', '/run/user/1000/big']:
    attempt(path, lambda: fill(path))
    print(os.stat(path).st_size)
    if path != '${HOME_MOUNT}/big': os.unlink(path)
for path in ['/big', '/dev/big', '/etc/big', '/home/big', '/run/big', '/var/big']:
    attempt(path, lambda: fill(path))
sys.exit(1)
`;
    const { sandbox, exit, log } = await builds.run(fill, {
      limits: { diskMib: 8, memoryMib: 64 },
    });
    expect(log).toMatch(new RegExp(`${HOME_MOUNT}/big ENOSPC\n8388608`));
    expect(log).toMatch(/\/tmp\/big ENOSPC\n8388608/);
    expect(log).toMatch(/\/dev\/shm\/big ENOSPC\n33554432/);
    expect(log).toMatch(/\/run\/user\/1000\/big ENOSPC\n16777216/);
    for (const path of ['/big', '/dev/big', '/etc/big', '/home/big', '/run/big']) {
      expect(log).toContain(`${path} EROFS`);
    }
    expect(log).not.toContain('DONE');
    expect(exit).toEqual({ kind: 'limit', limit: 'disk' });
    // A file system of its own, in memory.
    expect((await statfs(sandbox.homePath)).blocks * 4096).toBe(8 << 20);
  });

  it('whose home is full of links leads the reading of its saves nowhere', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { sandbox, exit } = await builds.run(`
import os
os.makedirs('saves/real')
open('saves/real/slot1', 'w').write('mine')
os.symlink('/etc/shadow', 'saves/slot2')
os.symlink('/etc', 'saves/etc')
os.symlink('real', 'saves/inside')
os.mkfifo('saves/pipe')
`);
    expect(exit).toEqual({ kind: 'exit', code: 0 });
    const home = sandbox.homePath;
    const own = await openFileWithin(home, 'saves/real/slot1');
    expect(await own.readFile('utf8')).toBe('mine');
    await own.close();
    for (const path of ['saves/slot2', 'saves/etc/shadow', 'saves/inside/slot1', 'saves/pipe']) {
      await expect(openFileWithin(home, path), path).rejects.toMatchObject({ code: 'game-failed' });
    }
    for (const path of ['../../etc/shadow', 'saves/../../../etc/shadow', '/etc/shadow', '']) {
      await expect(openFileWithin(home, path), path).rejects.toMatchObject({ code: 'game-failed' });
    }
    await expect(listFolderWithin(home, 'saves/etc')).rejects.toMatchObject({
      code: 'game-failed',
    });
    expect((await listFolderWithin(home, 'saves')).map(({ name }) => name).sort()).toEqual([
      'etc',
      'inside',
      'pipe',
      'real',
      'slot2',
    ]);
    await expect(openFileWithin(home, 'saves/none')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('reaches no network: neither the host, nor names, nor the machine below', {
    timeout: TIMEOUT_MS,
  }, async () => {
    let reached = 0;
    const servers = ['127.0.0.1', '::1', `\0rockpool-test-${process.pid}`].map((host) => {
      const server = createServer((socket) => {
        reached++;
        socket.destroy();
      });
      return { server, host };
    });
    for (const { server, host } of servers) {
      const where = host.startsWith('\0') ? { path: host } : { host, port: 0 };
      await new Promise<void>((resolve) => server.listen(where, resolve));
    }
    const ports = servers.map(({ server }) => {
      const address = server.address();
      return typeof address === 'object' && address ? address.port : 0;
    });
    try {
      const { log } = await builds.run(`${ATTEMPT}
def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as end:
        end.settimeout(5)
        end.connect(address)
        end.send(b'x')
attempt('ipv4', lambda: connect(socket.AF_INET, ('127.0.0.1', ${ports[0]})))
attempt('ipv6', lambda: connect(socket.AF_INET6, ('::1', ${ports[1]})))
attempt('abstract', lambda: connect(socket.AF_UNIX, '\\0rockpool-test-${process.pid}'))
attempt('internet', lambda: connect(socket.AF_INET, ('1.1.1.1', 53), socket.SOCK_DGRAM))
attempt('metadata', lambda: connect(socket.AF_INET, ('169.254.169.254', 80)))
attempt('hypervisor', lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
attempt('packets', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt('firewall', lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12))
try:
    print('name DONE', socket.getaddrinfo('example.com', 80))
except socket.gaierror:
    print('name REFUSED')
print('interfaces', [name for index, name in socket.if_nameindex()])
own = socket.create_server(('127.0.0.1', 0))
attempt('loopback', lambda: socket.create_connection(own.getsockname()) and None)
`);
      expect(log).toContain('ipv4 ECONNREFUSED');
      expect(log).toContain('ipv6 ECONNREFUSED');
      expect(log).toContain('abstract ECONNREFUSED');
      expect(log).toContain('internet ENETUNREACH');
      expect(log).toContain('metadata ENETUNREACH');
      expect(log).toContain('hypervisor EAFNOSUPPORT');
      expect(log).toContain('packets EAFNOSUPPORT');
      expect(log).toContain('firewall EAFNOSUPPORT');
      expect(log).toContain('name REFUSED');
      expect(log).toContain("interfaces ['lo']");
      // Its own loopback is its own to use.
      expect(log).toContain('loopback DONE');
      expect(reached).toBe(0);
    } finally {
      for (const { server } of servers) server.close();
    }
  });

  it('reads nothing of the host, of the worker or of another session', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const data = join(await builds.folder(), 'data');
    await mkdir(data);
    await writeFile(join(data, 'secret'), 'the secret', { mode: 0o644 });
    vi.stubEnv('ROCKPOOL_TEST_SECRET', 'in the environment');
    const other = await builds.open(
      await builds.order(`
import signal
open('other-session', 'w').write('another secret')
print('waiting')
signal.pause()
`),
    );
    await other.start();
    await vi.waitUntil(() => other.logTail().includes('waiting'), WAIT);
    expect(await readFile(join(other.homePath, 'other-session'), 'utf8')).toBe('another secret');
    const { exit, log } = await builds.run(`${ATTEMPT}
import glob
def read(path):
    return open(path, 'rb').read()[:40]
for path in ['/etc/shadow', '/root/.profile', '${data}/secret', '${import.meta.filename}', '/proc/${process.pid}/environ', '/sys/fs/cgroup/memory/cgroup.procs', '/dev/vda', '/dev/mem']:
    attempt('read ' + path, lambda: read(path))
for path in ['/root', '/tmp', '/home', '/var', '${data}', '/mnt', '/opt', '/srv', '/boot', '/sys/class', '/run/user/1000', '/dev/dri', '/dev/input']:
    attempt('list ' + path, lambda: os.listdir(path))
found = []
for top, folders, files in os.walk('/'):
    if top.startswith('/usr') or top.startswith('/proc'): folders[:] = []
    found += [name for name in files if name in ('other-session', 'secret')]
print('found', found)
print('processes', sorted(name for name in os.listdir('/proc') if name.isdigit()))
print('environments', [path for path in glob.glob('/proc/*/environ') if b'ROCKPOOL_TEST' in read(path)])
print('environment', sorted(os.environ))
print('descriptors', sorted(os.listdir('/proc/self/fd')))
print('command', open('/proc/1/cmdline').read().count('rockpool-test-'))
attempt('kill', lambda: os.kill(${process.pid}, 9))
`);
    vi.unstubAllEnvs();
    expect(exit).toEqual({ kind: 'exit', code: 0 });
    for (const line of log.split('\n').filter((entry) => entry.startsWith('read '))) {
      expect(line).toMatch(/ENOENT|EACCES/);
    }
    expect(log).toContain('list /tmp DONE []');
    expect(log).toContain("list /home DONE ['player']");
    expect(log).toContain("list /var DONE ['cache']");
    expect(log).toContain('list /run/user/1000 DONE []');
    for (const path of [
      '/root',
      data,
      '/mnt',
      '/opt',
      '/srv',
      '/boot',
      '/sys/class',
      '/dev/dri',
      '/dev/input',
    ]) {
      expect(log).toContain(`list ${path} ENOENT`);
    }
    expect(log).toContain('found []');
    expect(log).toContain("processes ['1', '2']");
    expect(log).toContain('environments []');
    expect(log).toMatch(
      /environment \['HOME', 'LANG', 'LC_CTYPE', 'LOGNAME', 'PATH', 'PWD', 'PYTHONDONTWRITEBYTECODE', 'PYTHONUNBUFFERED', 'SHELL', 'USER', 'XDG_RUNTIME_DIR'\]|environment \['HOME', 'LANG', 'LOGNAME', 'PATH', 'PWD', 'PYTHONDONTWRITEBYTECODE', 'PYTHONUNBUFFERED', 'SHELL', 'USER', 'XDG_RUNTIME_DIR'\]/,
    );
    // 3 is the folder being listed.
    expect(log).toContain("descriptors ['0', '1', '2', '3']");
    expect(log).toContain('command 0');
    expect(log).toContain('kill ESRCH');
  });

  it('has no rights to gain more rights with', { timeout: TIMEOUT_MS }, async () => {
    const { sandbox, log } = await builds.run(`${ATTEMPT}
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *args):
    if getattr(libc, function)(*args) < 0:
        raise OSError(ctypes.get_errno(), function)
for line in open('/proc/self/status'):
    if line.startswith(('Cap', 'NoNewPrivs', 'Uid', 'Seccomp:')): print(line.split())
attempt('user namespace', lambda: call('unshare', 0x10000000))
attempt('mount', lambda: call('mount', b'none', b'/tmp', b'tmpfs', 0, None))
attempt('io_uring', lambda: call('syscall', 425, 8, ctypes.create_string_buffer(120)))
attempt('clone', lambda: call('syscall', 56 if os.uname().machine == 'x86_64' else 220, 0x10000000 | 17, 0, 0, 0, 0))
attempt('clone3', lambda: call('syscall', 435, ctypes.create_string_buffer(88), 88))
attempt('setuid', lambda: os.setuid(0))
attempt('kernel setting', lambda: open('/proc/sys/kernel/core_pattern', 'w').write('|/tmp/x'))
attempt('oom', lambda: os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-1000'))
print(open('/proc/self/oom_score_adj').read())
`);
    for (const name of ['CapPrm', 'CapEff', 'CapBnd', 'CapInh', 'CapAmb']) {
      expect(log).toContain(`['${name}:', '0000000000000000']`);
    }
    expect(log).toContain("['NoNewPrivs:', '1']");
    expect(log).toContain("['Seccomp:', '2']");
    expect(log).toContain("['Uid:', '1000', '1000', '1000', '1000']");
    for (const attempt of ['user namespace', 'mount', 'io_uring', 'clone']) {
      expect(log).toContain(`${attempt} EPERM`);
    }
    expect(log).toContain('clone3 ENOSYS');
    expect(log).toContain('setuid EINVAL');
    expect(log).toMatch(/kernel setting (EACCES|EPERM|EROFS|ENOENT)/);
    expect(log).toContain('oom EACCES\n500');
    // On the host it is nobody that owns anything.
    if (isRoot) expect(sandbox.hostUser.uid).toBeGreaterThan(1000);
  });

  it('that may make user namespaces gets no further with them', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { log } = await builds.run(
      `${ATTEMPT}
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *args):
    if getattr(libc, function)(*args) < 0:
        raise OSError(ctypes.get_errno(), function)
attempt('user and network namespace', lambda: call('unshare', 0x50000000))
attempt('firewall', lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12))
attempt('mount', lambda: call('mount', b'none', b'/tmp', b'tmpfs', 0, None))
`,
      { userNamespaces: true },
    );
    expect(log).toContain('user and network namespace DONE');
    expect(log).toContain('firewall EAFNOSUPPORT');
    expect(log).toContain('mount EPERM');
  });

  it('that spins on all processors gets its share of them', {
    timeout: TIMEOUT_MS,
  }, async (test) => {
    if (groups.kind === 'none' || (groups.kind === 'v1' && !groups.cpu))
      return test.skip(groups.kind);
    const sandbox = await builds.open(
      await builds.order(
        `
import os
for i in range(3): os.fork()
print('spinning', flush=True)
while True: pass
`,
        { sessionName: 'spinning', limits: { cpus: 0.25 } },
      ),
    );
    await sandbox.start();
    await vi.waitUntil(() => sandbox.logTail().includes('spinning'), WAIT);
    const folder = (await leftoversOf('spinning')).find((path) =>
      groups.kind === 'v1' ? path.startsWith(groups.cpu ?? '-') : path.startsWith(groups.folder),
    );
    expect(folder).toBeDefined();
    if (groups.kind === 'v1') {
      expect(await readFile(join(folder ?? '', 'cpu.cfs_quota_us'), 'utf8')).toBe('12500\n');
      expect(await readFile(join(folder ?? '', 'cpu.cfs_period_us'), 'utf8')).toBe('50000\n');
    } else {
      expect(await readFile(join(folder ?? '', 'cpu.max'), 'utf8')).toBe('12500 50000\n');
    }
    await vi.waitUntil(async () => {
      const throttled = await readFile(join(folder ?? '', 'cpu.stat'), 'utf8');
      return Number(/^nr_throttled (\d+)$/m.exec(throttled)?.[1]) > 0;
    }, WAIT);
  });

  it('whose daemon would outlive it takes it along', { timeout: TIMEOUT_MS }, async () => {
    const { exit, log } = await builds.run(
      `
import os, signal, sys
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(signum, signal.SIG_IGN)
        os.write(writer, b'x')
        for fd in (0, 1, 2): os.close(fd)
        while True: signal.pause()
    os._exit(0)
os.read(reader, 1)
print('daemon runs', flush=True)
sys.exit(7)
`,
    );
    expect(log).toContain('daemon runs');
    expect(exit).toEqual({ kind: 'exit', code: 7 });
    expect(await builds.processes()).toEqual([]);
  });

  it('that opens 100,000 files is refused most of them', { timeout: TIMEOUT_MS }, async () => {
    const { log } = await builds.run(
      `${ATTEMPT}
kept = []
def open_many():
    for i in range(100000): kept.append(open('/dev/null'))
attempt('files', open_many)
print(len(kept))
`,
      { limits: { openFiles: 128 } },
    );
    expect(log).toContain('files EMFILE');
    expect(Number(/EMFILE\n(\d+)/.exec(log)?.[1])).toBeLessThan(128);
  });

  it('changes neither its own files nor those of the system', { timeout: TIMEOUT_MS }, async () => {
    const order = await builds.order(`${ATTEMPT}
for path in ['/game/attack.py', '/game/new', '/usr/bin/python3', '/usr/new', '/etc/passwd', '/etc/ld.so.cache', '/etc/new']:
    attempt('write ' + path, lambda: open(path, 'a').write('x'))
attempt('unlink', lambda: os.unlink('/game/attack.py'))
attempt('chmod', lambda: os.chmod('/game/attack.py', 0o777))
`);
    const before = await stat(join(order.buildFolder, 'attack.py'));
    const sandbox = await builds.open(order);
    await sandbox.start();
    await sandbox.exited;
    const log = sandbox.logTail();
    expect(log).not.toContain('DONE');
    expect(log.match(/EROFS|EACCES/g)).toHaveLength(9);
    const after = await stat(join(order.buildFolder, 'attack.py'));
    expect([after.mtimeMs, after.mode]).toEqual([before.mtimeMs, before.mode]);
  });

  it('that writes without end costs neither memory nor the session', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const file = join(await builds.folder(), 'log');
    const sandbox = await builds.open(
      await builds.order(
        `
import os
while True: os.write(1, b'spam ' * 20000)
`,
        { logFile: { path: file, maxBytes: 100_000 } },
      ),
    );
    await sandbox.start();
    await vi.waitUntil(() => sandbox.logTail().length === 64 * 1024, WAIT);
    await sandbox.close();
    expect(sandbox.logTail().length).toBe(64 * 1024);
    expect((await stat(file)).size).toBe(100_000);
  });
});

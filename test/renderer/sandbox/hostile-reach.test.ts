import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it, vi } from 'vitest';
import { packSaves } from '../../../renderer/desktop/saves/save-archive.ts';
import { readTar } from '../../../renderer/desktop/saves/tar-format.ts';
import {
  ATTEMPT,
  describeWithSandbox,
  HostileBuilds,
  sandboxProblem,
} from '../../support/hostile-build.ts';

const problem = await sandboxProblem();
const isRoot = process.geteuid?.() === 0;
const WAIT = { timeout: 30_000, interval: 20 };

describeWithSandbox('a hostile build that reaches for what is not its own', problem, () => {
  const builds = new HostileBuilds();
  afterEach(() => builds.close());

  it('whose home is full of links leads the reading of its saves nowhere', async () => {
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
    const { archive, skipped } = await packSaves(`${sandbox.homePath}/.`, ['saves']);
    const packed = readTar(gunzipSync(archive));
    expect(packed.map(({ path }) => path)).toEqual(['saves', 'saves/real', 'saves/real/slot1']);
    expect(Buffer.from(packed[2]?.content ?? []).toString()).toBe('mine');
    expect(skipped).toBe(4);
  });

  it('reaches no network: neither the host, nor names, nor the machine below', async () => {
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

  it('reads nothing of the host, of the worker or of another session', async () => {
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

  it('has no rights to gain more rights with', async () => {
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

  it('that may make user namespaces gets no further with them', async () => {
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

  it('changes neither its own files nor those of the system', async () => {
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
});

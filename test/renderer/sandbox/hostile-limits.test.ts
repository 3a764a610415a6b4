import { readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { HOME_MOUNT } from '../../../protocol/build-manifest.ts';
import { findControlGroups } from '../../../renderer/sandbox/control-group-hierarchies.ts';
import {
  ATTEMPT,
  describeWithSandbox,
  HostileBuilds,
  leftoversOf,
  sandboxProblem,
} from '../../support/hostile-build.ts';

const problem = await sandboxProblem();
const groups = await findControlGroups();
const WAIT = { timeout: 30_000, interval: 20 };

describeWithSandbox('a hostile build that takes too much', problem, () => {
  const builds = new HostileBuilds();
  afterEach(() => builds.close());

  it('that forks without end is stopped, and nothing of it is left', async () => {
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

  it('never has more processes than its limit', async () => {
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

  it('that takes 8 GiB is ended at its limit, for its memory', async () => {
    const { exit, log } = await builds.run(allocate, { limits: { memoryMib: 128 } });
    expect(log).not.toContain('has it all');
    if (groups.kind === 'none') expect(exit.kind).not.toBe('exit');
    else expect(exit).toEqual({ kind: 'limit', limit: 'memory' });
  });

  it('that takes memory little by little is ended without control groups too', async () => {
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

  it('that forks without end is stopped without control groups too', async () => {
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

  it('that fills its disk meets the end of its own, and the host has not written a byte', async () => {
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

  it('that spins on all processors gets its share of them', async (test) => {
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

  it('whose daemon would outlive it takes it along', async () => {
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

  it('that opens 100,000 files is refused most of them', async () => {
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

  it('that writes without end costs neither memory nor the session', async () => {
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

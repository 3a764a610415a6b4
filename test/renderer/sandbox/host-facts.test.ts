import { describe, expect, it } from 'vitest';
import { ownGroupV2, parseMounts } from '../../../renderer/sandbox/control-group-hierarchies.ts';
import { cpuQuota } from '../../../renderer/sandbox/control-groups.ts';
import { ownedName, ownerIsGone } from '../../../renderer/sandbox/owner-mark.ts';
import { networkOf } from '../../../renderer/sandbox/sandbox-network.ts';
import { uidRange } from '../../../renderer/sandbox/sandbox-user.ts';

describe('what a sandbox reads of its host', () => {
  it('finds the mounts of control groups, old and new', () => {
    const mountinfo = `24 30 0:22 / /proc rw,nosuid - proc proc rw
31 24 0:26 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
33 24 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:11 - cgroup cgroup rw,cpu,cpuacct
`;
    expect(parseMounts(mountinfo)).toEqual([
      { path: '/sys/fs/cgroup/unified', type: 'cgroup2', controllers: ['rw', 'nsdelegate'] },
      {
        path: '/sys/fs/cgroup/cpu,cpuacct',
        type: 'cgroup',
        controllers: ['rw', 'cpu', 'cpuacct'],
      },
    ]);
  });

  it('finds its own place among control groups', () => {
    expect(ownGroupV2('0::/user.slice/rockpool.service\n')).toBe('/user.slice/rockpool.service');
    expect(ownGroupV2('4:memory:/a\n0::/\n')).toBe('/');
    expect(ownGroupV2('4:memory:/a\n')).toBe('/');
  });

  it('gives fractions of a processor, never less than the kernel takes', () => {
    expect(cpuQuota(1.5)).toEqual({ quotaUs: 75_000, periodUs: 50_000 });
    expect(cpuQuota(0.001)).toEqual({ quotaUs: 1000, periodUs: 50_000 });
  });

  it('takes user numbers that nobody else does, or what a container maps', () => {
    expect(uidRange('         0          0 4294967295\n').first).toBe(1_900_000_000);
    expect(uidRange('0 1000 1\n1 100000 65536\n')).toEqual({ first: 20_000, count: 45_537 });
    expect(() => uidRange('0 1000 1\n')).toThrow('ordinary user');
  });

  it('knows the network of an address', () => {
    expect(networkOf('192.168.17.33/24')).toBe('192.168.17.0/24');
    expect(networkOf('10.200.3.4/9')).toBe('10.128.0.0/9');
    expect(networkOf('203.0.113.7/32')).toBe('203.0.113.7/32');
    expect(networkOf('203.0.113.7/0')).toBe('0.0.0.0/0');
  });

  it('marks what is its own, and judges only names with such a mark', async () => {
    const name = await ownedName('a session/of mine');
    expect(name).toMatch(/^\d+-\d+-\d+-[0-9a-f]{6}-a_session_of_mine$/);
    expect(await ownerIsGone(name)).toBe(false);
    const [namespace, pid, start, ...rest] = name.split('-');
    const mark = (...parts: unknown[]) => [...parts, ...rest].join('-');
    expect(await ownerIsGone(mark(namespace, pid, Number(start) - 1))).toBe(true);
    expect(await ownerIsGone(mark(namespace, 2 ** 30, start))).toBe(true);
    expect(await ownerIsGone(mark(Number(namespace) + 1, 2 ** 30, start))).toBe(false);
    expect(await ownerIsGone('somebody-elses')).toBe(false);
  });
});

import { createServer } from 'node:net';
import { describe, expect, onTestFinished } from 'vitest';
import { RockpoolProcess, temporaryFolder } from '../test/support/rockpool-process.ts';
import { test } from './support/e2e-test.ts';
import { SMALL_STREAM } from './support/player-page.ts';
import { childrenOf, isThere } from './support/process-tree.ts';

/** The command with a data folder of its own, both gone after the test. */
function start(
  args: readonly string[],
  environment: Record<string, string> = {},
  options: { readonly group?: boolean } = {},
): RockpoolProcess {
  const data = temporaryFolder();
  const rockpool = new RockpoolProcess(
    args,
    { ROCKPOOL_PORT: '0', ROCKPOOL_DATA: data.path, ...environment },
    options,
  );
  onTestFinished(async () => {
    rockpool.kill('SIGKILL');
    await rockpool.exited;
    data.remove();
  });
  return rockpool;
}

describe('rockpool up', () => {
  test('SIGTERM during a session ends everything with exit code 0, and the page says why', async ({
    newPlayer,
  }) => {
    const rockpool = start(['up']);
    const url = await rockpool.ready();
    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.visit(`${url}/play/calibration`);
    await player.streaming();
    const children = childrenOf(rockpool.pid);
    expect(children.length).toBeGreaterThan(0);

    rockpool.kill('SIGTERM');
    expect(await rockpool.exited).toEqual({ code: 0, signal: null });
    await expect.poll(() => children.filter(isThere)).toEqual([]);
    await player.page.waitForSelector('::-p-text(Rockpool is closing for now)');
  });

  test('Ctrl+C ends everything with exit code 0, also while the machine is measured', async () => {
    const rockpool = start(['up'], {}, { group: true });
    await rockpool.printed(/Measuring this machine/);
    await expect.poll(() => childrenOf(rockpool.pid)).not.toEqual([]);
    const children = childrenOf(rockpool.pid);

    rockpool.interruptGroup();
    expect(await rockpool.exited).toEqual({ code: 0, signal: null });
    await expect.poll(() => children.filter(isThere)).toEqual([]);
  });

  test('SIGINT to the program alone ends everything with exit code 0', async () => {
    const rockpool = start(['up']);
    await rockpool.ready();
    const children = childrenOf(rockpool.pid);

    rockpool.kill('SIGINT');
    expect(await rockpool.exited).toEqual({ code: 0, signal: null });
    await expect.poll(() => children.filter(isThere)).toEqual([]);
  });

  test('a port in use is said, with the variable that changes it', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void squatter.close());
    await new Promise((resolve) => squatter.once('listening', resolve));
    const address = squatter.address();
    const port = typeof address === 'object' ? String(address?.port) : '';

    const rockpool = start(['up'], { ROCKPOOL_PORT: port });
    expect(await rockpool.exited).toEqual({ code: 1, signal: null });
    expect(rockpool.output).toContain(`Port ${port} is in use`);
    expect(rockpool.output).toContain('ROCKPOOL_PORT');
    expect(rockpool.output).not.toContain('    at ');
  });

  test('a bad environment is told as a whole', async () => {
    const rockpool = start(['up'], {
      ROCKPOOL_PORT: 'eighty',
      ROCKPOOL_SLOTS: '0',
      ROCKPOOL_LOG_LEVEL: 'loud',
      ROCKPOOL_UDP_PORTS: '9-1',
      ROCKPOOL_PROT: '8080',
    });
    expect(await rockpool.exited).toEqual({ code: 1, signal: null });
    for (const name of ['PORT', 'SLOTS', 'LOG_LEVEL', 'UDP_PORTS', 'PROT']) {
      expect(rockpool.output).toMatch(new RegExp(`^ +ROCKPOOL_${name}\\b`, 'm'));
    }
    expect(rockpool.output).not.toContain('    at ');
  });
});

describe('the command line', () => {
  test('without a command the usage is printed', async () => {
    const rockpool = start([]);
    expect(await rockpool.exited).toEqual({ code: 1, signal: null });
    expect(rockpool.output).toMatch(/^Usage: rockpool COMMAND/);
  });

  test('--help prints the usage and is no failure', async () => {
    const rockpool = start(['--help']);
    expect(await rockpool.exited).toEqual({ code: 0, signal: null });
    expect(rockpool.output).toMatch(/^Usage: rockpool COMMAND/);
  });

  test.each([[['dance']], [['up', '--loudly']]])('%j is refused with the usage', async (args) => {
    const rockpool = start(args);
    expect(await rockpool.exited).toEqual({ code: 1, signal: null });
    expect(rockpool.output).toContain('Usage: rockpool COMMAND');
    expect(rockpool.output).not.toContain('    at ');
  });

  test('a container without a join token says where to get one', async () => {
    const rockpool = start(['container']);
    expect(await rockpool.exited).toEqual({ code: 1, signal: null });
    expect(rockpool.output).toContain('ROCKPOOL_JOIN_TOKEN');
  });
});

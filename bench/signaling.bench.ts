import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RockpoolProcess, temporaryFolder } from '../test/support/rockpool-process.ts';
import { SimulatedContainers, SimulatedPlayers } from './signaling/simulated-pool.ts';
import { Distribution } from './support/distribution.ts';
import { readProcess, type TaskStatistics } from './support/process-statistics.ts';
import { publish } from './support/results.ts';
import { requireBuild } from './support/rig.ts';
import { type Belongings, runBench } from './support/run-bench.ts';
import { figure } from './support/table.ts';
import { targetTable } from './support/target.ts';

/*
 * One signaling node with a pool of simulated containers that heartbeat, and players who ask for a
 * game at a fixed rate, all over real sockets. Who simulates runs on the same machine.
 */

const PLAYERS = 300;
const KIB = 1024;
/** Compiled code and buffers of the first connections are not the containers'. */
const WARM_UP_CONTAINERS = 50;
const SETTLE_MS = 5_000;

async function startSignaling(belongings: Belongings, store: string) {
  const folder = temporaryFolder();
  belongings.add({ close: () => folder.remove(), kill: () => folder.remove() });
  const child = new RockpoolProcess(['signaling'], {
    ROCKPOOL_PORT: '0',
    ROCKPOOL_DATA: folder.path,
    ROCKPOOL_LOG_LEVEL: 'error',
    DATABASE_URL: store === 'pglite' ? '' : store,
  });
  belongings.add({ close: () => child.stop(), kill: () => child.kill('SIGTERM') });
  const url = await child.ready();
  const [, token = ''] = await child.printed(/--token=(\S+)/);
  return { url, token, pid: child.pid };
}

async function mustRead(pid: number): Promise<TaskStatistics> {
  const reading = await readProcess(pid);
  if (!reading) throw new Error('Signaling is not there any more.');
  return reading;
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      containers: { type: 'string', default: '2000' },
      rate: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '30' },
      store: { type: 'string', default: 'pglite' },
    },
  });
  requireBuild();
  const count = Number(values.containers);
  const rate = Number(values.rate);
  const { url, token, pid } = await startSignaling(belongings, values.store);
  const players = await SimulatedPlayers.connect(belongings, url, PLAYERS);
  await SimulatedContainers.connect(belongings, url, token, WARM_UP_CONTAINERS);
  await sleep(SETTLE_MS);
  const before = await mustRead(pid);
  console.log(`${count} containers join…`);
  const containers = await SimulatedContainers.connect(belongings, url, token, count);
  await sleep(SETTLE_MS);
  const joined = await mustRead(pid);
  const bytesEach = (joined.rssBytes - before.rssBytes) / count;

  containers.startHeartbeats();
  console.log(`${rate} pairings a second for ${values.seconds} seconds…`);
  await players.play(rate, 3);
  const heartbeatsBefore = containers.heartbeats;
  const start = await mustRead(pid);
  const { grantedMs, failed, seconds } = await players.play(rate, Number(values.seconds));
  const end = await mustRead(pid);
  const { p50, p95, p99, max } = Distribution.of(grantedMs).summary();
  const beats = (containers.heartbeats - heartbeatsBefore) / seconds;
  await publish('signaling', {
    tables: [
      targetTable('Signaling: targets', [
        { what: 'pairing, p99, end to end', measured: p99, limit: 100, unit: 'ms' },
        { what: 'memory a container', measured: bytesEach / KIB, limit: 40, unit: 'KiB' },
        { what: 'pairings that failed', measured: failed.length, limit: 0, unit: '' },
      ]),
      {
        title: `${count} containers, ${rate} pairings a second`,
        head: ['figure', 'measured'],
        rows: [
          ['pairing p50', figure(p50, 'ms')],
          ['pairing p95', figure(p95, 'ms')],
          ['pairing max', figure(max, 'ms')],
          ['pairings a second', figure(grantedMs.length / seconds)],
          ['heartbeats a second', figure(beats)],
          ['heartbeats refused', figure(containers.refused)],
          ['processor of signaling', figure((end.cpuMs - start.cpuMs) / seconds / 10, '%')],
          ['memory of signaling', figure(end.rssBytes / KIB / KIB, 'MiB')],
        ],
      },
    ],
    notes: [
      `Store: ${values.store}. Containers and players are simulated by one process on the same machine, over sockets of their own; that it was late counts as waiting.`,
      ...(failed.length > 0 ? [`Failed: ${[...new Set(failed)].join(', ')}.`] : []),
    ],
    data: { grantedMs, failed },
  });
});

import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RockpoolNodes } from '../e2e/support/rockpool-nodes.ts';
import { Distribution } from '../gate/distribution.ts';
import { readProcess, type TaskStatistics } from '../gate/machine/process-statistics.ts';
import { figure } from '../gate/report/table.ts';
import { LOAD_INTERVAL_MS } from '../protocol/container-messages.ts';
import { RockpoolProcess, temporaryFolder } from '../test/support/rockpool-process.ts';
import { SimulatedContainers, SimulatedPlayers } from './signaling/simulated-pool.ts';
import { publish } from './support/results.ts';
import { requireBuild } from './support/rig.ts';
import { type Belongings, runBench } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/*
 * A signaling node, or with `--nodes 2` two that share Redis and Postgres, with a pool of simulated
 * containers that heartbeat, and players who ask for a game at a fixed rate, all over real sockets.
 * Containers and players are spread over the nodes evenly. Who simulates, and what nodes share, runs on
 * the same machine.
 */

const PLAYERS = 300;
const KIB = 1024;
/** Compiled code and buffers of the first connections are not the containers'. */
const WARM_UP_CONTAINERS = 50;
const SETTLE_MS = 5_000;
/** Heartbeats are measured by themselves first: what pairings cost is what comes on top. */
const BEATS_ONLY_MS = 10_000;

/** The processes of signaling, and how to reach them. */
interface Signaling {
  readonly urls: readonly string[];
  readonly token: string;
  readonly pids: readonly number[];
}

async function startSignaling(belongings: Belongings, store: string): Promise<Signaling> {
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
  return { urls: [url], token, pids: [child.pid] };
}

async function startNodes(belongings: Belongings, count: number): Promise<Signaling> {
  const pool = await RockpoolNodes.start(count, { ROCKPOOL_LOG_LEVEL: 'error' });
  belongings.add({ close: () => pool.stop(), kill: () => void pool.stop() });
  const urls = pool.nodes.map(({ url }) => url);
  return { urls, token: pool.joinToken, pids: pool.nodes.map(({ pid }) => pid) };
}

/** Of all nodes together. */
async function readAll(
  pids: readonly number[],
): Promise<Pick<TaskStatistics, 'rssBytes' | 'cpuMs'>> {
  const readings = await Promise.all(pids.map(mustRead));
  return {
    rssBytes: readings.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    cpuMs: readings.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

/** What a stretch of time cost. */
interface Costs<T> {
  readonly done: T;
  readonly heartbeats: number;
  /** Of all nodes together. */
  readonly cpuMs: number;
  /** Of this process, which simulates. */
  readonly ownCpuMs: number;
}

async function measureCosts<T>(
  pids: readonly number[],
  containers: SimulatedContainers,
  during: () => Promise<T>,
): Promise<Costs<T>> {
  const heartbeats = containers.heartbeats;
  const own = process.cpuUsage();
  const { cpuMs } = await readAll(pids);
  const done = await during();
  const after = await readAll(pids);
  const { user, system } = process.cpuUsage(own);
  return {
    done,
    heartbeats: containers.heartbeats - heartbeats,
    cpuMs: after.cpuMs - cpuMs,
    ownCpuMs: (user + system) / 1000,
  };
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
      nodes: { type: 'string', default: '1' },
    },
  });
  requireBuild();
  const count = Number(values.containers);
  const rate = Number(values.rate);
  const nodes = Number(values.nodes);
  const { urls, token, pids } =
    nodes > 1
      ? await startNodes(belongings, nodes)
      : await startSignaling(belongings, values.store);
  const players = await SimulatedPlayers.connect(belongings, urls, PLAYERS);
  await SimulatedContainers.connect(belongings, urls, token, WARM_UP_CONTAINERS);
  await sleep(SETTLE_MS);
  const before = await readAll(pids);
  console.log(`${count} containers join…`);
  const containers = await SimulatedContainers.connect(belongings, urls, token, count);
  await sleep(SETTLE_MS);
  const joined = await readAll(pids);
  const bytesEach = (joined.rssBytes - before.rssBytes) / count;

  containers.startHeartbeats();
  await sleep(LOAD_INTERVAL_MS + SETTLE_MS);
  const beatsOnly = await measureCosts(pids, containers, () => sleep(BEATS_ONLY_MS));
  console.log(`${rate} pairings a second for ${values.seconds} seconds…`);
  await players.play(rate, 3);
  const played = await measureCosts(pids, containers, () =>
    players.play(rate, Number(values.seconds)),
  );
  const { grantedMs, failed, seconds } = played.done;
  const { p50, p95, p99, max } = Distribution.of(grantedMs).summary();
  const end = await readAll(pids);
  const beats = played.heartbeats / seconds;
  const cpuMsOfBeat = beatsOnly.cpuMs / beatsOnly.heartbeats;
  const cpuMsOfPairings = played.cpuMs - cpuMsOfBeat * played.heartbeats;
  await publish(nodes > 1 ? 'signaling-nodes' : 'signaling', {
    tables: [
      targetTable('Signaling: targets', [
        { what: 'pairing, p99, end to end', measured: p99, limit: 100, unit: 'ms' },
        {
          what: nodes > 1 ? 'memory a container, all nodes' : 'memory a container',
          measured: bytesEach / KIB,
          limit: 40 * nodes,
          unit: 'KiB',
        },
        { what: 'pairings that failed', measured: failed.length, limit: 0, unit: '' },
      ]),
      {
        title: `${count} containers, ${rate} pairings a second${nodes > 1 ? `, ${nodes} nodes` : ''}`,
        head: ['figure', 'measured'],
        rows: [
          ['pairing p50', figure(p50, 'ms')],
          ['pairing p95', figure(p95, 'ms')],
          ['pairing max', figure(max, 'ms')],
          ['pairings a second', figure(grantedMs.length / seconds)],
          ['heartbeats a second', figure(beats)],
          ['heartbeats refused', figure(containers.refused)],
          ['processor of signaling', figure(played.cpuMs / seconds / 10, '%')],
          ['processor of what simulates', figure(played.ownCpuMs / seconds / 10, '%')],
          ['processor time of 1,000 heartbeats', figure(1000 * cpuMsOfBeat, 'ms')],
          [
            'processor time of 1,000 pairings',
            figure((1000 * cpuMsOfPairings) / grantedMs.length, 'ms'),
          ],
          ['memory of signaling', figure(end.rssBytes / KIB / KIB, 'MiB')],
        ],
      },
    ],
    notes: [
      `Store: ${nodes > 1 ? 'Postgres, and Redis between the nodes' : values.store}. Load average at the end: ${loadavg()[0]?.toFixed(1)}. Containers and players are simulated by one process on the same machine, over sockets of their own; that it was late counts as waiting.`,
      ...(failed.length > 0 ? [`Failed: ${[...new Set(failed)].join(', ')}.`] : []),
    ],
    data: { grantedMs, failed },
  });
});

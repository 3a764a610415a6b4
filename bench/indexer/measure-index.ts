import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Distribution, type Summary } from '../../gate/distribution.ts';
import { ContainerIndex, FILED_AT_ONCE } from '../../signaling/indexer/container-index.ts';
import { decide } from '../../signaling/indexer/decide.ts';
import { BUILDS, SimulatedPool } from './simulated-pool.ts';
import { TICKET_KINDS, type TicketKind, TicketSource } from './ticket-kinds.ts';

/** Before these the engine has not compiled what is measured. */
const WARM_UP = 200;
/** At a hundred decisions a second, what ten thousand containers tell every five seconds. */
const HEARTBEATS_BETWEEN = 20;
const HEARTBEATS = 50_000;
/** Few enough to be in the cache still, as one just received is. */
const BATCH = 100;

/** What one size of pool took. */
export interface IndexMeasurement {
  readonly containers: number;
  /** Of the index, the containers' own objects not among it. */
  readonly bytesPerContainer: number;
  /** Taking in a container that is new. */
  readonly joinUs: number;
  readonly updatesPerSecond: number;
  /** Filing every container anew, in all. */
  readonly refreshMs: number;
  /** The longest that any part of that kept everybody waiting. */
  readonly longestSliceMs: number;
  /** Milliseconds a decision. */
  readonly decisions: readonly {
    readonly kind: TicketKind;
    readonly summary: Summary;
    /** Share of the tickets that got a container. */
    readonly placed: number;
  }[];
}

/** @param decisions of each kind of ticket. */
export function measureIndex(
  containers: number,
  decisions: number,
  seed: number,
): IndexMeasurement {
  const pool = new SimulatedPool(containers, seed);
  const index = new ContainerIndex();
  index.setBuilds(BUILDS);
  const before = usedBytes();
  const joinedMs = timeMs(() => {
    for (const candidate of pool.candidates) index.upsert(candidate);
  });
  const bytesPerContainer = (usedBytes() - before) / containers;
  const updatesPerSecond = measureUpdates(pool, index);
  const slicesMs = measureRefresh(index);
  const tickets = new TicketSource(pool, seed);
  for (const kind of TICKET_KINDS) decideMany(kind, WARM_UP, pool, index, tickets);
  return {
    containers,
    bytesPerContainer,
    joinUs: (1000 * joinedMs) / containers,
    updatesPerSecond,
    refreshMs: slicesMs.reduce((sum, ms) => sum + ms, 0),
    longestSliceMs: Math.max(...slicesMs),
    decisions: TICKET_KINDS.map((kind) => decideMany(kind, decisions, pool, index, tickets)),
  };
}

function decideMany(
  kind: TicketKind,
  count: number,
  pool: SimulatedPool,
  index: ContainerIndex,
  tickets: TicketSource,
): IndexMeasurement['decisions'][number] {
  const times = new Distribution();
  let placed = 0;
  for (let i = 0; i < count; i++) {
    for (let beat = 0; beat < HEARTBEATS_BETWEEN; beat++) index.upsert(pool.heartbeat());
    const ticket = tickets.next(kind);
    const beganMs = performance.now();
    const { chosen } = decide(index, ticket);
    times.record(performance.now() - beganMs);
    if (chosen !== undefined) placed++;
  }
  return { kind, summary: times.summary(), placed: placed / count };
}

/** The median first, then the containers a slice at a time. */
function measureRefresh(index: ContainerIndex): number[] {
  const slicesMs = [timeMs(() => index.refreshUsual())];
  for (let isLeft = true; isLeft; ) {
    slicesMs.push(
      timeMs(() => {
        isLeft = index.fileSome(FILED_AT_ONCE);
      }),
    );
  }
  return slicesMs;
}

function measureUpdates(pool: SimulatedPool, index: ContainerIndex): number {
  let ms = 0;
  for (let done = 0; done < HEARTBEATS; done += BATCH) {
    const heartbeats = Array.from({ length: BATCH }, () => pool.heartbeat());
    ms += timeMs(() => {
      for (const candidate of heartbeats) index.upsert(candidate);
    });
  }
  return (1000 * HEARTBEATS) / ms;
}

function timeMs(task: () => void): number {
  const beganMs = performance.now();
  task();
  return performance.now() - beganMs;
}

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Node hides it unless it is asked for; a bench need not be started in a way of its own. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

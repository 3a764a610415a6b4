import type {
  LiveMachine,
  MachineReport,
  PastPlay,
  RunningPlay,
} from '../../protocol/console-report.ts';
import { fakeCapacity } from './fake-container.ts';
import { newContainerId, START_MS } from './store-records.ts';

const CONTAINER_ID = newContainerId();

/** A connected machine that nobody plays on. */
export function machineReport(
  changes: Partial<MachineReport> = {},
  live: Partial<LiveMachine> = {},
): MachineReport {
  return {
    containerId: CONTAINER_ID,
    name: 'Attic',
    region: 'eu-north',
    pricePerHour: 0,
    gpu: '',
    encoders: [],
    firstSeenAtMs: START_MS,
    lastSeenAtMs: START_MS,
    live: {
      state: 'standby',
      gpu: { kind: 'none', description: '' },
      slots: 2,
      freeSlots: 2,
      capacity: fakeCapacity(2),
      free: fakeCapacity(2),
      games: [{ gameId: 'skimmer', title: 'Skimmer' }],
      running: [],
      ...live,
    },
    nowMs: START_MS,
    ...changes,
  };
}

export function runningPlay(changes: Partial<RunningPlay> = {}): RunningPlay {
  return { gameId: 'skimmer', sinceMs: START_MS, state: 'streaming', ...changes };
}

export function pastPlay(changes: Partial<PastPlay> = {}): PastPlay {
  return {
    gameId: 'skimmer',
    startedAtMs: START_MS,
    endedAtMs: START_MS + 60_000,
    reason: 'player-left',
    clickToPhotonP50Ms: 30,
    clickToPhotonP95Ms: 45,
    freezes: 0,
    ...changes,
  };
}

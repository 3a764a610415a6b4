import { type RequestHandler, Router } from 'express';
import {
  MAX_PAST_PLAYS,
  type MachineHistory,
  type MachineLog,
  type MachineReport,
  PAST_PLAYS_MS,
  type PastPlay,
} from '../protocol/console-report.ts';
import { RockpoolError } from '../protocol/errors.ts';
import type { ContainerId } from '../protocol/ids.ts';
import { readConsoleToken } from './console-tokens.ts';
import type { ContainerLink } from './container-link.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { SessionRecord, Store } from './store/store.ts';

export interface ConsoleRoutesOptions {
  readonly containers: ContainerRegistry;
  readonly sessions: SessionRegistry;
  readonly store: Store;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

type Answer<T> = (containerId: ContainerId) => Promise<T>;

/** What providers ask of their own machines. Each request proves by its token which machine it is for. */
export function consoleRoutes(options: ConsoleRoutesOptions): Router {
  const { containers, wallClockMs } = options;
  const routes = Router();
  const answer =
    <T>(answerFor: Answer<T>): RequestHandler =>
    async ({ headers }, response) => {
      response.set('Cache-Control', 'no-store');
      response.json(await answerFor(await readConsoleToken(headers.authorization, wallClockMs())));
    };
  routes.get(
    '/machine',
    answer((containerId) => reportMachine(containerId, options)),
  );
  routes.get(
    '/machine/sessions',
    answer((containerId) => reportHistory(containerId, options)),
  );
  routes.get(
    '/machine/log',
    answer(async (containerId): Promise<MachineLog> => {
      const link = containers.link(containerId);
      return link ? { connected: true, ...(await link.log()) } : { connected: false };
    }),
  );
  routes.post(
    '/machine/drain',
    answer((containerId) => mustBeConnected(containers, containerId).drain()),
  );
  routes.post(
    '/machine/resume',
    answer((containerId) => mustBeConnected(containers, containerId).reopen()),
  );
  return routes;
}

function mustBeConnected(containers: ContainerRegistry, containerId: ContainerId): ContainerLink {
  const link = containers.link(containerId);
  if (link) return link;
  throw new RockpoolError(
    'container-lost',
    'This machine is not connected. Start its container, then try again.',
  );
}

/** @throws RockpoolError `container-lost` where nothing at all is known of the machine. */
async function reportMachine(
  containerId: ContainerId,
  { containers, sessions, store, wallClockMs }: ConsoleRoutesOptions,
): Promise<MachineReport> {
  const record = await store.container(containerId);
  const found = containers.find(containerId);
  const known = found?.candidate ?? record;
  if (!known) {
    throw new RockpoolError(
      'container-lost',
      'This server does not know this machine. Start its container with the address of this server.',
    );
  }
  const report = {
    containerId,
    name: known.name,
    region: known.region,
    firstSeenAtMs: record?.firstSeenAtMs ?? null,
    lastSeenAtMs: record?.lastSeenAtMs ?? null,
    nowMs: wallClockMs(),
  };
  if (!found) {
    const { pricePerHour = 0, gpu = '', encoders = [] } = record ?? {};
    return { ...report, pricePerHour, gpu, encoders: [...encoders], live: null };
  }
  const { state, slots, freeSlots, capacity, free } = found.candidate;
  const { pricePerHour, gpu, encoders } = found.joined;
  const games = found.joined.games.map(({ id, title }) => ({ gameId: id, title }));
  const running = sessions
    .onContainer(containerId)
    .filter(({ onTrial }) => !onTrial)
    .map(({ gameId, beganMs, state }) => ({ gameId, sinceMs: beganMs, state }))
    .sort((a, b) => a.sinceMs - b.sinceMs);
  return {
    ...report,
    pricePerHour,
    gpu: gpu.description,
    encoders,
    live: { state, gpu, slots, freeSlots, capacity, free, games, running },
  };
}

async function reportHistory(
  containerId: ContainerId,
  { store, wallClockMs }: ConsoleRoutesOptions,
): Promise<MachineHistory> {
  const nowMs = wallClockMs();
  const page = { sinceMs: nowMs - PAST_PLAYS_MS, limit: MAX_PAST_PLAYS };
  const records = await store.sessionsOfContainer(containerId, page);
  return { sessions: records.map(pastPlay), nowMs };
}

function pastPlay(record: SessionRecord): PastPlay {
  const { gameId, startedAtMs, endedAtMs, reason, quality } = record;
  return {
    gameId,
    startedAtMs,
    endedAtMs: endedAtMs ?? null,
    reason: reason ?? null,
    clickToPhotonP50Ms: quality?.clickToPhotonP50Ms ?? null,
    clickToPhotonP95Ms: quality?.clickToPhotonP95Ms ?? null,
    freezes: quality?.freezes ?? null,
  };
}

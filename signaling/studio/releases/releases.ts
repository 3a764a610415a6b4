import { randomUUID } from 'node:crypto';
import { RockpoolError } from '../../../protocol/errors.ts';
import { type GameId, gameIdSchema } from '../../../protocol/ids.ts';
import {
  type BuildId,
  type Channel,
  LIVE_CHANNEL,
  type ReleaseId,
  releaseIdSchema,
} from '../../../protocol/studio-builds.ts';
import {
  type ChannelListing,
  type Channels,
  type MakeRelease,
  RELEASES_TOLD,
  type ReleaseListing,
  type RollBack,
} from '../../../protocol/studio-releases.ts';
import type { BuildRecord, GameReads, GameRecord, ReleaseRecord } from '../../store/game-store.ts';
import type { StudioRecord, StudioRecords, StudioStore } from '../../store/studio-store.ts';
import { byCodeUnit } from '../../text-order.ts';
import { demand, type Principal } from '../accounts/access-policy.ts';
import { actorOf, auditRecord, type Deed } from '../accounts/audit-trail.ts';
import { buildDeleted } from '../deletions/deleted.ts';
import { studioGame } from '../games/studio-game.ts';
import { playable } from './release-catalogue.ts';
import { beneath, givenBuilds, type Rollout, rollBackOf, sameRollout } from './rollout.ts';

/** Of one game: each is a line of the library's memory, and of the page. */
export const MAX_CHANNELS = 32;

/** Of all channels of a game, looked back at. */
const LOOK_BACK = 1_000;
/** Builds offered for release. */
const READY_BUILDS = 50;

export interface ReleasesOptions {
  readonly store: StudioStore;
  readonly wallClockMs: () => number;
  /** Resolves when what was released is what players get. */
  readonly refresh: () => Promise<void>;
  /** Sessions of a game that are played now. */
  readonly playing: (gameId: GameId) => number;
}

/** What studios release, and take back. */
export class Releases {
  readonly #options: ReleasesOptions;

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  /** @throws RockpoolError `not-found`, `forbidden` */
  async list(principal: Principal, { studioId }: StudioRecord, id: string): Promise<Channels> {
    demand(principal, studioId, 'builds:read');
    const { store } = this.#options;
    const { gameId } = await mustFind(store.games, studioId, id);
    return this.#describe(gameId);
  }

  /**
   * Gives a build to players of a channel, all or some. Nothing changes where they get exactly that.
   * @throws RockpoolError `not-found`, `forbidden`; `conflict` where that cannot be released.
   */
  async make(
    principal: Principal,
    { studioId }: StudioRecord,
    id: string,
    channel: Channel,
    { buildNumber, percent }: MakeRelease,
  ): Promise<Channels> {
    return this.#change(principal, studioId, id, channel, async (games, gameId, releases) => {
      const build = await games.buildByNumber(gameId, buildNumber);
      if (!build) {
        throw new RockpoolError('not-found', `There is no build ${buildNumber} of this game.`);
      }
      mustBeReady(build);
      const ground = beneath(releases[0], build.buildId);
      if (percent < 100 && releases[0]?.buildId === build.buildId && ground === undefined) {
        throw new RockpoolError(
          'conflict',
          `All players of "${channel}" get build ${buildNumber} already. Roll back to give them another.`,
        );
      }
      if (percent < 100 && ground === undefined) {
        throw new RockpoolError(
          'conflict',
          `Nothing else is on the channel "${channel}" for the other players: release build ${buildNumber} to all of them.`,
        );
      }
      const beforeBuildId = percent < 100 ? ground : undefined;
      return {
        rollout: { buildId: build.buildId, percent, beforeBuildId },
        action: 'release.made',
      };
    });
  }

  /**
   * Gives players of a channel what they got before.
   * @throws RockpoolError `not-found`, `forbidden`; `conflict` where there is nothing before.
   */
  async rollBack(
    principal: Principal,
    { studioId }: StudioRecord,
    id: string,
    channel: Channel,
    { releaseId }: RollBack,
  ): Promise<Channels> {
    return this.#change(principal, studioId, id, channel, async (games, gameId, releases) => {
      const rollout =
        releaseId === undefined
          ? rollBackOf(releases)
          : releases.find((one) => one.releaseId === releaseId);
      if (!rollout && releaseId !== undefined) {
        await mustNotBeDeleted(games, gameId, releaseId);
      }
      if (!rollout) {
        throw releaseId === undefined
          ? new RockpoolError('conflict', `There is nothing before on the channel "${channel}".`)
          : new RockpoolError('not-found', `There was no such release on "${channel}".`);
      }
      const { buildId, percent, beforeBuildId } = rollout;
      const build = await games.build(buildId);
      if (build) mustBeReady(build);
      return { rollout: { buildId, percent, beforeBuildId }, action: 'release.rolled-back' };
    });
  }

  async #change(
    principal: Principal,
    studioId: StudioRecord['studioId'],
    id: string,
    channel: Channel,
    decide: (
      games: GameReads,
      gameId: GameId,
      releases: readonly ReleaseRecord[],
    ) => Promise<{
      readonly rollout: Rollout;
      readonly action: 'release.made' | 'release.rolled-back';
    }>,
  ): Promise<Channels> {
    demand(principal, studioId, 'releases:write');
    const { store, refresh, wallClockMs } = this.#options;
    const gameId = await store.transact(async (records) => {
      // Of two who release at once, the later one sees what the other did.
      await records.lockStudio(studioId);
      const { gameId, title } = await mustFind(records.games, studioId, id);
      const all = await records.games.releases(gameId, LOOK_BACK);
      const currents = await records.games.currentReleases(gameId);
      const removed = await removedOf(records.games, gameId);
      const releases = givable(releasesOn(channel, all, currents), removed);
      const { rollout, action } = await decide(records.games, gameId, releases);
      const [current] = releases;
      // Whoever asks again, as a program does, has got what they want.
      if (current && sameRollout(current, rollout)) return gameId;
      if (!current && currents.length >= MAX_CHANNELS) {
        throw new RockpoolError(
          'conflict',
          `A game has ${MAX_CHANNELS} channels at most. Use one of those it has.`,
        );
      }
      const atMs = wallClockMs();
      await records.games.addRelease({
        releaseId: releaseIdSchema.parse(randomUUID()),
        gameId,
        channel,
        ...rollout,
        atMs,
        byName: principal.name,
      });
      const detail = await describeRollout(records, channel, rollout);
      const deed: Deed = { action, studioId, target: title, detail };
      await records.appendAudit(auditRecord(actorOf(principal), deed, atMs));
      return gameId;
    });
    await refresh();
    return this.#describe(gameId);
  }

  async #describe(gameId: GameId): Promise<Channels> {
    const { store, wallClockMs, playing } = this.#options;
    const all = await store.games.releases(gameId, LOOK_BACK);
    const currents = await store.games.currentReleases(gameId);
    const newest = await store.games.buildsOf(gameId, { limit: READY_BUILDS });
    const removed = await removedOf(store.games, gameId);
    const told = currents.map(({ channel }) => {
      const releases = releasesOn(channel, all, currents);
      const rollBackTo = rollBackOf(givable(releases, removed));
      return { channel, releases: releases.slice(0, RELEASES_TOLD), rollBackTo };
    });
    const rollouts = told.flatMap(({ releases, rollBackTo }) =>
      rollBackTo ? [...releases, rollBackTo] : releases,
    );
    const builds = await this.#buildsOf(rollouts, newest);
    const channels = told.map(
      ({ channel, releases, rollBackTo }): ChannelListing => ({
        channel,
        releases: releases.map((one) => listingOf(one, builds, removed)),
        rollBackTo: rollBackTo ? rolloutListing(rollBackTo, builds) : null,
      }),
    );
    const byChannel = (one: ChannelListing, other: ChannelListing) =>
      Number(other.channel === LIVE_CHANNEL) - Number(one.channel === LIVE_CHANNEL) ||
      byCodeUnit(one.channel, other.channel);
    return {
      channels: channels.sort(byChannel),
      ready: newest.filter(({ state }) => state === 'ready').map(numbered),
      playing: playing(gameId),
      nowMs: wallClockMs(),
    };
  }

  /** Those that are named, by id. */
  async #buildsOf(
    rollouts: readonly Rollout[],
    known: readonly BuildRecord[],
  ): Promise<ReadonlyMap<BuildId, BuildRecord>> {
    const builds = new Map(known.map((build) => [build.buildId, build]));
    for (const { buildId, beforeBuildId } of rollouts) {
      for (const id of [buildId, beforeBuildId]) {
        if (id === undefined || builds.has(id)) continue;
        const build = await this.#options.store.games.build(id);
        if (build) builds.set(id, build);
      }
    }
    return builds;
  }
}

/**
 * Of one channel, the last one first. A channel whose last release is older than all that are looked
 * back at has that one all the same.
 */
function releasesOn(
  channel: Channel,
  all: readonly ReleaseRecord[],
  currents: readonly ReleaseRecord[],
): readonly ReleaseRecord[] {
  const current = currents.filter((one) => one.channel === channel);
  // What a channel had before its game was gone is no ground for what it gets now.
  if (current.length === 0) return [];
  const known = all.filter((one) => one.channel === channel);
  return known.length > 0 ? known : current;
}

/** Builds that were deleted. */
async function removedOf(games: GameReads, gameId: GameId): Promise<ReadonlySet<BuildId>> {
  return new Set((await games.removedBuilds(gameId)).map(({ buildId }) => buildId));
}

/** Those that players can be given again. What they get now is never deleted. */
function givable(
  releases: readonly ReleaseRecord[],
  removed: ReadonlySet<BuildId>,
): readonly ReleaseRecord[] {
  return releases.filter((one) => isThere(one, removed));
}

function isThere(rollout: Rollout, removed: ReadonlySet<BuildId>): boolean {
  return givenBuilds(rollout).every((buildId) => !removed.has(buildId));
}

/** @throws RockpoolError `conflict`, `not-found` where a release names a build that was deleted. */
async function mustNotBeDeleted(
  games: GameReads,
  gameId: GameId,
  releaseId: ReleaseId,
): Promise<void> {
  const release = (await games.releases(gameId, LOOK_BACK)).find(
    (one) => one.releaseId === releaseId,
  );
  for (const buildId of [release?.buildId, release?.beforeBuildId]) {
    const build = buildId && (await games.build(buildId));
    if (build && build.removedAtMs !== undefined) throw buildDeleted(build);
  }
}

/** @throws RockpoolError `not-found`, also where it is another studio's or was removed. */
async function mustFind(
  games: GameReads,
  studioId: StudioRecord['studioId'],
  id: string,
): Promise<GameRecord> {
  const gameId = gameIdSchema.safeParse(id);
  if (gameId.success) return studioGame(games, { studioId }, gameId.data);
  throw new RockpoolError('not-found', 'There is no such game in this studio.');
}

/** @throws RockpoolError `conflict` */
function mustBeReady(build: BuildRecord): void {
  if (build.removedAtMs !== undefined) throw buildDeleted(build);
  if (build.state === 'ready' && playable(build)) return;
  throw new RockpoolError(
    'conflict',
    `Build ${build.number} may not be released: ${build.stateDetail || `it is ${build.state}.`}`,
  );
}

async function describeRollout(
  { games }: StudioRecords,
  channel: Channel,
  { buildId, percent, beforeBuildId }: Rollout,
): Promise<string> {
  const number = (await games.build(buildId))?.number;
  const before = beforeBuildId && (await games.build(beforeBuildId))?.number;
  const others = before === undefined ? '' : `, the others build ${before}`;
  return `${channel}: build ${number} to ${percent} %${others}`;
}

function numbered({ number, label }: BuildRecord) {
  return { number, label };
}

function rolloutListing(
  { buildId, percent, beforeBuildId }: Rollout,
  builds: ReadonlyMap<BuildId, BuildRecord>,
) {
  const build = builds.get(buildId);
  const before = beforeBuildId && builds.get(beforeBuildId);
  if (!build) throw new RockpoolError('internal', 'A release names a build that is not there.');
  return { build: numbered(build), percent, before: before ? numbered(before) : null };
}

function listingOf(
  release: ReleaseRecord,
  builds: ReadonlyMap<BuildId, BuildRecord>,
  removed: ReadonlySet<BuildId>,
): ReleaseListing {
  const { releaseId, atMs, byName } = release;
  const rollout = rolloutListing(release, builds);
  return { releaseId, ...rollout, atMs, byName, isThere: isThere(release, removed) };
}

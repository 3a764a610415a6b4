import { createHash } from 'node:crypto';
import type { PlayerId } from '../../../protocol/ids.ts';
import { type BuildId, LIVE_CHANNEL } from '../../../protocol/studio-builds.ts';
import type { ReleaseRecord } from '../../store/game-store.ts';

/** What players of a channel get. */
export type Rollout = Pick<ReleaseRecord, 'buildId' | 'percent' | 'beforeBuildId'>;

/**
 * Where a player stands in the rollout of a build, from 0 to below 100. It follows from who they are and
 * what is rolled out, and not from when or how far: who has a build keeps it while it goes to more.
 */
export function rolloutPlace(
  { channel, buildId }: Pick<ReleaseRecord, 'channel' | 'buildId'>,
  playerId: PlayerId,
): number {
  const digest = createHash('sha256').update(`${channel}\n${buildId}\n${playerId}`).digest();
  return (digest.readUInt32BE(0) / 2 ** 32) * 100;
}

/** What a player gets. */
export function buildOf(release: ReleaseRecord, playerId: PlayerId): BuildId {
  const { buildId, percent, beforeBuildId } = release;
  if (beforeBuildId === undefined || percent >= 100) return buildId;
  return rolloutPlace(release, playerId) < percent ? buildId : beforeBuildId;
}

/** The builds that players of a channel get: two while one is rolled out to some. */
export function givenBuilds({ buildId, percent, beforeBuildId }: Rollout): readonly BuildId[] {
  return beforeBuildId !== undefined && percent < 100 ? [buildId, beforeBuildId] : [buildId];
}

/** What most players of a channel get. */
export function mainBuildOf({ buildId, percent, beforeBuildId }: Rollout): BuildId {
  return percent >= 50 ? buildId : (beforeBuildId ?? buildId);
}

/**
 * The build that a game is shown by, in the library and on its page; undefined where it is not live.
 * @param releases of one game, the current one of each channel.
 */
export function shownBuildOf(releases: readonly ReleaseRecord[]): BuildId | undefined {
  const live = releases.find(({ channel }) => channel === LIVE_CHANNEL);
  return live && mainBuildOf(live);
}

/**
 * What the others get when a build is rolled out to some: what all had before it. A rollout that is
 * itself under way is no ground to stand on: its build is given up for the one beneath.
 * @param current what the channel has now.
 */
export function beneath(current: Rollout | undefined, buildId: BuildId): BuildId | undefined {
  if (!current) return undefined;
  const isWhole = current.percent >= 100 || current.beforeBuildId === undefined;
  const ground = isWhole ? current.buildId : current.beforeBuildId;
  return ground === buildId ? undefined : ground;
}

/**
 * What a roll-back brings: where a build is being rolled out, what it is rolled out over, for all; else
 * what was there before the build was.
 * @param releases of one channel, the last one first.
 */
export function rollBackOf(releases: readonly Rollout[]): Rollout | undefined {
  const [current] = releases;
  if (!current) return undefined;
  const { buildId, percent, beforeBuildId } = current;
  if (percent < 100 && beforeBuildId !== undefined) {
    return { buildId: beforeBuildId, percent: 100, beforeBuildId: undefined };
  }
  const before = releases.find((one) => one.buildId !== buildId);
  return before && { ...before };
}

export function sameRollout(one: Rollout, other: Rollout): boolean {
  return (
    one.buildId === other.buildId &&
    one.percent === other.percent &&
    one.beforeBuildId === other.beforeBuildId
  );
}

import { z } from 'zod';
import {
  buildLabelSchema,
  buildNumberSchema,
  channelSchema,
  LIVE_CHANNEL,
  releaseIdSchema,
} from './studio-builds.ts';

/** Of the players of a channel. */
export const percentSchema = z.int().min(1).max(100);

/** Steps in which a release is commonly rolled out, in percent of the players. */
export const ROLLOUT_STEPS = [1, 5, 10, 25, 50, 100] as const;

/** `POST …/games/GAME/channels/CHANNEL`. */
export const makeReleaseSchema = z.strictObject({
  buildNumber: buildNumberSchema,
  percent: percentSchema.default(100),
});
export type MakeRelease = z.infer<typeof makeReleaseSchema>;

/** `POST …/games/GAME/channels/CHANNEL/roll-back`. */
export const rollBackSchema = z.strictObject({
  /** Of the same channel: players get what they got by it. Left out: what they got before the last one. */
  releaseId: releaseIdSchema.optional(),
});
export type RollBack = z.infer<typeof rollBackSchema>;

const releasedBuildSchema = z.strictObject({
  number: buildNumberSchema,
  label: buildLabelSchema,
});

export const releaseListingSchema = z.strictObject({
  releaseId: releaseIdSchema,
  build: releasedBuildSchema,
  percent: percentSchema,
  /** What the other players get; null where there are none. */
  before: releasedBuildSchema.nullable(),
  atMs: z.int().min(0),
  /** As they were called then. */
  byName: z.string(),
  /** Whether players can be given it again: what it names was not deleted. */
  isThere: z.boolean(),
});
export type ReleaseListing = z.infer<typeof releaseListingSchema>;

/** Releases of one channel that are told, at most. */
export const RELEASES_TOLD = 30;

export const channelListingSchema = z.strictObject({
  channel: channelSchema,
  /** The first one counts. */
  releases: z.array(releaseListingSchema).min(1).max(RELEASES_TOLD),
  /** What a roll-back would bring; null where there is nothing before. */
  rollBackTo: releaseListingSchema.pick({ build: true, percent: true, before: true }).nullable(),
});
export type ChannelListing = z.infer<typeof channelListingSchema>;

/** The answer to `GET …/games/GAME/channels`, and to every change: `live` first, then by name. */
export const channelsSchema = z.strictObject({
  channels: z.array(channelListingSchema),
  /** Builds that may be released, the newest first. */
  ready: z.array(releasedBuildSchema),
  /** Sessions of this game that are played now, of whatever build. */
  playing: z.int().min(0),
  nowMs: z.int().min(0),
});
export type Channels = z.infer<typeof channelsSchema>;

/** Site-relative deep link to a channel of a game. */
export function channelPath(gameId: string, channel: string): string {
  return channel === LIVE_CHANNEL ? `/play/${gameId}` : `/play/${gameId}?channel=${channel}`;
}

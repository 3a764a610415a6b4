import { type Channel, channelSchema, LIVE_CHANNEL } from '../../protocol/studio-builds.ts';

/** The channel that a deep link names; undefined where it is the live one. */
export function channelOf(search: string): Channel | undefined {
  const channel = channelSchema.safeParse(new URLSearchParams(search).get('channel'));
  return channel.success && channel.data !== LIVE_CHANNEL ? channel.data : undefined;
}

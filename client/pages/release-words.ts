import { LIVE_CHANNEL } from '../../protocol/studio-builds.ts';
import type { ReleaseListing } from '../../protocol/studio-releases.ts';

/** What players get of a channel. */
export type Given = Pick<ReleaseListing, 'build' | 'percent' | 'before'>;

/** "build 42". */
export function buildName({ number }: Given['build']): string {
  return `build ${number}`;
}

/** "build 42 (a1b2c3)". */
export function buildTitle({ number, label }: Given['build']): string {
  return label === '' ? `build ${number}` : `build ${number} (${label})`;
}

/** Who gets what, as a sentence. */
export function givenSentence({ build, percent, before }: Given): string {
  if (percent >= 100 || before === null) return `All players get ${buildTitle(build)}.`;
  return `${percent} % of the players get ${buildTitle(build)}, the others ${buildTitle(before)}.`;
}

/** Who gets what, in a few words. */
export function givenWords({ build, percent, before }: Given): string {
  const name =
    build.label === '' ? `Build ${build.number}` : `Build ${build.number} · ${build.label}`;
  return percent >= 100 || before === null ? `${name} for all` : `${name} for ${percent} %`;
}

/** What a channel is for. */
export function channelNote(channel: string): string {
  return channel === LIVE_CHANNEL
    ? 'What the library lists, and whoever opens the game plays.'
    : 'For whoever has the link. The library does not list it.';
}

/** What those who play now will notice: nothing. */
export function playingSentence(playing: number): string {
  if (playing === 0) return 'Nobody plays this game at the moment.';
  return playing === 1
    ? 'One game is being played: it goes on with the build it has.'
    : `${playing} games are being played: they go on with the builds they have.`;
}

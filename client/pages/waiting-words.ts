import type { Waiting } from '../player/connection/place-in-line.ts';

const MINUTE_MS = 60_000;

/** @param position in line; 1 is the next. */
export function placeTitle(position: number): string {
  return position === 1 ? 'You are next in line' : `You are ${ordinal(position)} in line`;
}

/** How long it may take, as far as that is known. */
export function waitSentence(
  title: string,
  { waiting, machines, expectedWaitMs }: Waiting,
): string {
  const others = waiting === 1 ? 'Nobody else waits.' : `${waiting} players wait.`;
  if (machines === 0) {
    return `No machine that has ${title} is here right now. ${others} You play as soon as one comes.`;
  }
  const line = `Every place for ${title} is taken. ${others}`;
  if (expectedWaitMs === undefined) {
    return `${line} How long it takes is not known yet: too few games have ended.`;
  }
  return `${line} It may take ${about(expectedWaitMs)}, going by how long others play.`;
}

function about(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 90) return minutes === 1 ? 'about a minute' : `about ${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return `about ${hours} hours`;
}

function ordinal(position: number): string {
  const tens = position % 100;
  if (tens >= 11 && tens <= 13) return `${position}th`;
  const ending = { 1: 'st', 2: 'nd', 3: 'rd' }[position % 10] ?? 'th';
  return `${position}${ending}`;
}

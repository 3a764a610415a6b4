import { expect } from 'vitest';
import { type GameListing, gameListSchema } from '../../protocol/game-info.ts';

/** What `GET /api/games` lists. */
export async function listedGames(url: string): Promise<GameListing[]> {
  const response = await fetch(`${url}/api/games`);
  return gameListSchema.parse(await response.json()).games;
}

/** Status of `GET /healthz`; undefined where nobody answers. */
export async function health(url: string): Promise<number | undefined> {
  try {
    return (await fetch(`${url}/healthz`)).status;
  } catch {
    return undefined;
  }
}

/**
 * Sum over the samples of a metric at `GET /metrics`.
 * @param labels such as `edge="player"`; each must be there.
 */
export async function metric(url: string, name: string, ...labels: string[]): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => new RegExp(`^${name}[{ ]`).test(line))
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Sessions that signaling knows of, in whatever state. */
export function sessionCount(url: string): Promise<number> {
  return metric(url, 'rockpool_sessions');
}

/** Waits until every session is over. */
export async function untilNoSession(url: string): Promise<void> {
  await expect.poll(() => sessionCount(url)).toBe(0);
}

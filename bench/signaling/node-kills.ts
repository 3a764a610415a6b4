import type { Page } from 'puppeteer-core';
import type { RockpoolNodes } from '../../e2e/support/rockpool-nodes.ts';
import { FakePlayer } from '../../test/support/fake-player.ts';

/** Pictures are looked at for so long after a node was killed. */
const WATCHED_MS = 4_000;

export interface NodeKill {
  /** From the kill until somebody new, who comes then, has a game, milliseconds. */
  readonly pairedMs: number;
  /** The longest time without a new picture of the game that was running, milliseconds. */
  readonly longestGapMs: number;
}

/** Kills a node under a running game. @param game that a newcomer asks for. */
export async function killNode(
  pool: RockpoolNodes,
  at: number,
  page: Page,
  game: string,
): Promise<NodeKill> {
  const watched = watchGaps(page);
  const killedMs = performance.now();
  await pool.nodes[at]?.kill();
  const pairedMs = await untilPaired(pool.balancer.url, game, killedMs);
  return { pairedMs, longestGapMs: await watched };
}

/** Tries as a page does whose connection is refused: anew, at once. */
async function untilPaired(url: string, game: string, sinceMs: number): Promise<number> {
  let isPaired = false;
  while (!isPaired) isPaired = await playOnce(url, game);
  return performance.now() - sinceMs;
}

/** Whether somebody new gets a game; there may be no node, or no container. */
async function playOnce(url: string, game: string): Promise<boolean> {
  const player = new FakePlayer(url);
  const outcome = player.welcome().then(() => player.play({ gameId: game }));
  const [settled] = await Promise.allSettled([outcome]);
  const answer = settled.status === 'fulfilled' ? settled.value : undefined;
  const grant = answer?.ok && answer.value.kind === 'granted' ? answer.value.grant : undefined;
  if (grant) await player.request('leave', { sessionId: grant.sessionId });
  player.close();
  return grant !== undefined;
}

function watchGaps(page: Page): Promise<number> {
  return page.evaluate(async (watchedMs) => {
    const fromMs = performance.now();
    await new Promise((resolve) => setTimeout(resolve, watchedMs));
    const shown = (window.sessionProbe?.frames ?? [])
      .map(({ shownMs }) => shownMs)
      .filter((ms) => ms >= fromMs);
    const gaps = [fromMs, ...shown, performance.now()];
    return Math.max(...gaps.slice(1).map((ms, at) => ms - (gaps[at] ?? ms)));
  }, WATCHED_MS);
}

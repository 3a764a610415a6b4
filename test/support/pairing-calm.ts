import type { PairingWorld } from './pairing-world.ts';

/** A quarantine, the longest wait there is, and what comes before and after it. */
const MOST_MS = 200_000;

/** Shorter than anything that is kept for somebody. */
const PAUSE_MS = 5_000;

/**
 * Everything works from now on, and everybody takes what is offered and leaves again: who waits must
 * get their turn, and nothing may be left at the end.
 */
export async function endCalmly(world: PairingWorld): Promise<void> {
  if (world.bus) world.bus.cut = false;
  world.containers.forEach((container, at) => {
    container.broken = false;
    container.slow = false;
    const node = world.node(at);
    if (container.node !== node) container.join(node);
  });
  world.noticeLost();
  await world.deliverAll();
  await serveEverybody(world);
  for (const tab of world.tabs) world.playerOf(tab.playerId)?.close(tab);
  await until(world, () => isOver(world));
  if (!isOver(world)) world.fail(`something is left: ${remainsOf(world)}`);
  await world.quiet();
}

async function serveEverybody(world: PairingWorld): Promise<void> {
  const waits = () => world.tabs.some(({ phase }) => phase !== 'idle');
  await until(
    world,
    () => !waits(),
    async () => {
      for (const tab of world.tabs) {
        const player = world.playerOf(tab.playerId);
        if (tab.phase === 'playing') player?.leaveGame(tab);
        else if (tab.offered) player?.accept(tab, true);
        else if (tab.isMeasuring) player?.choose(tab, 1);
        else continue;
        await world.deliverAll();
        // Who has two games already must wait for one of them to end.
        if (!tab.offered) return true;
      }
      return false;
    },
  );
  const left = world.tabs.filter(({ phase }) => phase !== 'idle');
  if (left.length > 0) world.fail(`nothing comes for who is ${left.map(({ phase }) => phase)}`);
  await world.quiet();
}

/** @param act tells whether there was something to do. */
async function until(
  world: PairingWorld,
  isDone: () => boolean,
  act: () => Promise<boolean> = async () => false,
): Promise<void> {
  const endMs = world.clock.nowMs + MOST_MS;
  while (!isDone() && world.clock.nowMs < endMs) {
    if (await act()) continue;
    await world.advance(PAUSE_MS);
    await world.deliverAll();
  }
}

function isOver(world: PairingWorld): boolean {
  return remainsOf(world).length === 0;
}

function remainsOf({ nodes, containers }: PairingWorld): string[] {
  const remains: string[] = [];
  for (const { plane, timers, links, identity } of nodes) {
    if (plane.line.tickets.lengthEverywhere > 0) remains.push('a ticket');
    if ([...plane.sessions.all()].length > 0) remains.push('a session');
    // What is usual is looked up by the minute; a load grows stale; a node says that it is there.
    const usual = 1 + links.size + (identity ? 1 : 0);
    if (timers.pending > usual) remains.push('a timer');
  }
  if (containers.some(({ isEmpty }) => !isEmpty)) remains.push('a place in a container');
  return remains;
}

import fc from 'fast-check';
import { PAIRING_GAMES } from './pairing-container.ts';
import type { Arrival } from './pairing-player.ts';
import type { PairingWorld } from './pairing-world.ts';

/** Which one is meant: of those there are, counted round and round. */
const which = fc.nat(11);
const game = fc.constantFrom(...PAIRING_GAMES, PAIRING_GAMES[0]);
const arrival = fc.constantFrom<Arrival>(
  'new',
  'new',
  'with its place',
  'with its place',
  'with its session',
  'to its session',
);
const node = fc.constantFrom(0, 0, 1);
const count = fc.integer({ min: 1, max: 4 });
/** Around what the pool waits for: an answer, an offer, a place, a session. */
const ms = fc.constantFrom(500, 1_000, 1_000, 5_000, 10_000, 12_000, 20_000, 31_000);

function just<K extends string>(kind: K) {
  return fc.record({ kind: fc.constant(kind), which });
}

function weighted<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> {
  return { weight, arbitrary };
}

/** Something that may happen to a pool. */
export const pairingStep = fc.oneof(
  weighted(14, fc.record({ kind: fc.constant('arrive' as const), which, node, game, arrival })),
  weighted(12, just('accept')),
  weighted(14, fc.record({ kind: fc.constant('choose' as const), which, opened: fc.nat(2) })),
  weighted(3, just('close the page')),
  weighted(1, just('leave the line')),
  weighted(2, just('leave the game')),
  weighted(8, just('end a game')),
  weighted(8, fc.record({ kind: fc.constant('deliver' as const), which, count })),
  weighted(6, just('answer')),
  weighted(1, just('never answer')),
  weighted(16, just('deliver all')),
  weighted(5, fc.record({ kind: fc.constant('wait' as const), ms })),
  weighted(1, just('crash a node')),
  weighted(1, just('crash a container')),
  weighted(1, just('cut a container off')),
  weighted(2, fc.record({ kind: fc.constant('join' as const), which, node })),
  // Two with room at one node: only there is something to measure.
  weighted(6, just('gather all containers, empty')),
  weighted(1, just('notice what is lost')),
  weighted(1, just('break or mend a container')),
  weighted(2, just('slow a container down or let it be')),
);

/** Something that may happen to a pool of several nodes. */
export const sharedPairingStep = fc.oneof(
  weighted(90, pairingStep),
  weighted(3, just('lose words between nodes')),
  weighted(1, just('cut nodes off or join them')),
);
export type PairingStep = typeof sharedPairingStep extends fc.Arbitrary<infer S> ? S : never;

/** Has one thing happen; nothing does where there is nothing it could happen to. */
export async function takeStep(world: PairingWorld, step: PairingStep): Promise<void> {
  world.steps++;
  await happen(world, step);
  // No two tickets are of the same moment.
  await world.advance(1);
}

async function happen(world: PairingWorld, step: PairingStep): Promise<void> {
  if (step.kind === 'wait') return world.advance(step.ms);
  const { which: at } = step;
  const container = pick(world.containers, at);
  switch (step.kind) {
    case 'arrive':
      pick(world.players, at)?.arrive(world.node(step.node), step.game, step.arrival);
      break;
    case 'accept': {
      const tab = pick(
        world.tabs.filter(({ offered }) => offered),
        at,
      );
      if (tab) world.playerOf(tab.playerId)?.accept(tab);
      break;
    }
    case 'choose': {
      const tab = pick(
        world.tabs.filter(({ isMeasuring }) => isMeasuring),
        at,
      );
      if (tab) world.playerOf(tab.playerId)?.choose(tab, step.opened);
      break;
    }
    case 'close the page': {
      const tab = pick(world.tabs, at);
      if (tab) world.playerOf(tab.playerId)?.close(tab);
      break;
    }
    case 'leave the line': {
      const tab = pick(
        world.tabs.filter(({ isInLine }) => isInLine),
        at,
      );
      if (tab) world.playerOf(tab.playerId)?.leaveLine(tab);
      break;
    }
    case 'leave the game': {
      const tab = pick(
        world.tabs.filter(({ grant }) => grant),
        at,
      );
      if (tab) world.playerOf(tab.playerId)?.leaveGame(tab);
      break;
    }
    case 'end a game': {
      const sessionId = container && pick([...container.games.keys()], at);
      if (sessionId) container.finish(sessionId, 'game-over');
      break;
    }
    case 'deliver':
      for (let count = 0; count < step.count; count++) {
        pick(world.queues, at)?.shift()?.();
        await world.quiet();
      }
      break;
    case 'answer':
    case 'never answer': {
      const work = pick(world.work, at);
      const [answer] = work?.splice(at % work.length, 1) ?? [];
      answer?.(step.kind === 'answer');
      break;
    }
    case 'deliver all':
      return world.deliverAll();
    case 'crash a node':
      return world.crashNode(at);
    case 'crash a container':
      container?.crash();
      break;
    case 'cut a container off':
      container?.leave();
      break;
    case 'join':
      container?.join(world.node(step.node));
      break;
    case 'gather all containers, empty':
      for (const one of world.containers) {
        if (one.node !== world.node(at)) one.join(world.node(at));
        for (const sessionId of [...one.games.keys()]) one.finish(sessionId, 'game-over');
      }
      return world.deliverAll();
    case 'notice what is lost':
      world.noticeLost();
      break;
    case 'lose words between nodes':
      pick(world.bus?.queues ?? [], at)?.shift();
      break;
    case 'cut nodes off or join them':
      if (world.bus) world.bus.cut = !world.bus.cut;
      break;
    case 'break or mend a container':
      if (container) container.broken = !container.broken;
      break;
    case 'slow a container down or let it be':
      if (container) container.slow = !container.slow;
  }
  await world.quiet();
}

function pick<T>(from: readonly T[], at: number): T | undefined {
  return from[at % from.length];
}

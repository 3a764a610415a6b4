import { setTimeout as sleep } from 'node:timers/promises';
import { LOAD_INTERVAL_MS } from '../../protocol/container-messages.ts';
import { FakeContainer, fakeCapacity, fakeLoad } from '../../test/support/fake-container.ts';
import { FakePlayer } from '../../test/support/fake-player.ts';
import type { Belongings } from '../support/run-bench.ts';

const SLOTS = 4;
/** Signaling counts 600 handshakes from one address in 10 s, two for each connection. */
const CONNECTS_PER_SECOND = 25;
const REGIONS = 20;
/** A session is left again so soon: the pool never fills. */
const PLAYED_MS = 1_000;

/** Containers that say what real ones say, and start nothing. */
export class SimulatedContainers {
  readonly #containers: FakeContainer[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  heartbeats = 0;
  /** Of heartbeats that were not taken, or not answered. */
  refused = 0;

  /** @param urls of the nodes, which have as many each. */
  static async connect(
    belongings: Belongings,
    urls: readonly string[],
    joinToken: string,
    count: number,
  ): Promise<SimulatedContainers> {
    const pool = new SimulatedContainers();
    belongings.add({ close: () => pool.close(), kill: () => pool.close() });
    const joining: Promise<unknown>[] = [];
    for (let index = 0; index < count; index++) {
      const name = `container ${index}`;
      const container = new FakeContainer(urlOf(urls, index), joinToken, {
        name,
        region: `region ${index % REGIONS}`,
      });
      pool.#containers.push(container);
      joining.push(container.start({ slots: SLOTS, capacity: fakeCapacity(SLOTS) }));
      await sleep(1000 / CONNECTS_PER_SECOND);
    }
    await Promise.all(joining);
    return pool;
  }

  /** Every container tells its load as often as a real one, at its own moment. */
  startHeartbeats(): void {
    this.#containers.forEach((container, index) => {
      const beat = async () => {
        const answer = await container.request('load', fakeLoad(SLOTS)).catch(() => undefined);
        if (answer?.ok) this.heartbeats++;
        else this.refused++;
      };
      const offsetMs = (index / this.#containers.length) * LOAD_INTERVAL_MS;
      this.#timers.push(
        setTimeout(() => {
          this.#timers.push(setInterval(beat, LOAD_INTERVAL_MS));
        }, offsetMs),
      );
    });
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const container of this.#containers) container.close();
  }
}

function urlOf(urls: readonly string[], index: number): string {
  return urls[index % urls.length] ?? '';
}

export interface Pairings {
  /** From the request to the answer that grants a session, each, milliseconds. */
  readonly grantedMs: readonly number[];
  /** Answers that granted none. */
  readonly failed: readonly string[];
  readonly seconds: number;
}

/** Players that ask for a game at a fixed rate, however long the answers take. */
export class SimulatedPlayers {
  readonly #players: FakePlayer[] = [];

  /** @param urls of the nodes, which have as many each. */
  static async connect(
    belongings: Belongings,
    urls: readonly string[],
    count: number,
  ): Promise<SimulatedPlayers> {
    const pool = new SimulatedPlayers();
    belongings.add({ close: () => pool.close(), kill: () => pool.close() });
    const welcomed: Promise<unknown>[] = [];
    for (let index = 0; index < count; index++) {
      const player = new FakePlayer(urlOf(urls, index));
      pool.#players.push(player);
      welcomed.push(player.welcome());
      await sleep(1000 / CONNECTS_PER_SECOND);
    }
    await Promise.all(welcomed);
    return pool;
  }

  async play(perSecond: number, seconds: number): Promise<Pairings> {
    const grantedMs: number[] = [];
    const failed: string[] = [];
    const idle = [...this.#players];
    const under: Promise<void>[] = [];
    const beganMs = performance.now();
    for (let turn = 0; turn < perSecond * seconds; turn++) {
      const dueMs = beganMs + (turn * 1000) / perSecond;
      await sleep(Math.max(0, dueMs - performance.now()));
      const player = idle.shift();
      if (!player) {
        failed.push('every player still waited for an answer');
        continue;
      }
      under.push(
        playOnce(player, dueMs, grantedMs, failed).finally(() => {
          idle.push(player);
        }),
      );
    }
    const spentSeconds = (performance.now() - beganMs) / 1000;
    await Promise.all(under);
    return { grantedMs, failed, seconds: spentSeconds };
  }

  close(): void {
    for (const player of this.#players) player.close();
  }
}

/** @param dueMs when it was to ask: that this process was late counts as waiting. */
async function playOnce(
  player: FakePlayer,
  dueMs: number,
  grantedMs: number[],
  failed: string[],
): Promise<void> {
  const answer = await player.play().catch(() => undefined);
  if (!answer?.ok || answer.value.kind !== 'granted') {
    failed.push(answer?.ok ? answer.value.kind : (answer?.error.code ?? 'no answer'));
    return;
  }
  grantedMs.push(performance.now() - dueMs);
  const { sessionId } = answer.value.grant;
  await sleep(PLAYED_MS);
  const left = await player.request('leave', { sessionId });
  if (!left.ok) failed.push(`leave: ${left.error.code}`);
}

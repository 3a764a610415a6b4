import type { z } from 'zod';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { ContainerId } from '../../protocol/ids.ts';
import { type Ack, readAck } from '../../protocol/player-messages.ts';
import type { Timers } from '../timers.ts';
import type { NodeCall, NodeId } from './node-messages.ts';
import type { NodeRoster } from './node-roster.ts';

/** The other node waits up to ten seconds for its container, and answers then. */
const ANSWER_TIMEOUT_MS = 12_000;

interface Pending {
  readonly nodeId: NodeId;
  readonly containerId: ContainerId;
  readonly settle: (reply: Ack<unknown>) => void;
}

/** What this node has asked of others and not heard the answer of. */
export class NodeCalls {
  readonly #roster: Pick<NodeRoster, 'has' | 'send'>;
  readonly #timers: Timers;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(roster: Pick<NodeRoster, 'has' | 'send'>, timers: Timers) {
    this.#roster = roster;
    this.#timers = timers;
  }

  /** @throws RockpoolError the container's own, `timeout`, or `container-lost` where its node is gone. */
  async call<A>(nodeId: NodeId, call: NodeCall, answer: z.ZodType<A>): Promise<A> {
    if (!this.#roster.has(nodeId)) throw nodeLost();
    const callId = ++this.#lastId;
    const reply = await new Promise<Ack<unknown>>((resolve) => {
      const settle = (reply: Ack<unknown>) => {
        this.#pending.delete(callId);
        cancel();
        resolve(reply);
      };
      const cancel = this.#timers.after(ANSWER_TIMEOUT_MS, () =>
        settle(
          failed(
            new RockpoolError('timeout', 'The machine that runs the game did not answer in time.'),
          ),
        ),
      );
      this.#pending.set(callId, { nodeId, containerId: call.containerId, settle });
      this.#roster.send(nodeId, { kind: 'call', callId, call });
    });
    return readAck(answer, reply, call.command);
  }

  /** A late one is no error. */
  handleAnswer(callId: number, reply: { readonly ok: boolean }): void {
    this.#pending.get(callId)?.settle(reply as Ack<unknown>);
  }

  /** What it has not answered it never will. */
  handleGone(nodeId: NodeId): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.nodeId === nodeId) pending.settle(failed(nodeLost()));
    }
  }

  /**
   * A container tells its load over that node, or undefined: this one. What was asked of it at another,
   * which it has left, nobody answers.
   */
  handleLoad(containerId: ContainerId, nodeId: NodeId | undefined): void {
    // Settling one deletes that one alone.
    for (const pending of this.#pending.values()) {
      const hasLeft = pending.containerId === containerId && pending.nodeId !== nodeId;
      if (hasLeft) pending.settle(failed(nodeLost()));
    }
  }

  close(): void {
    for (const { settle } of [...this.#pending.values()]) settle(failed(nodeLost()));
  }
}

/** What is answered to a node whose call failed. */
export function failed(thrown: unknown): Ack<never> {
  return { ok: false, error: toRockpoolError(thrown).toWire() };
}

function nodeLost(): RockpoolError {
  return new RockpoolError(
    'container-lost',
    'The connection to the machine that runs the game was lost.',
  );
}

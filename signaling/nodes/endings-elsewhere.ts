import type { SessionId } from '../../protocol/ids.ts';
import type { NodeId } from './node-messages.ts';

interface Ending {
  readonly nodeId: NodeId;
  readonly resolve: () => void;
}

/** Sessions of other nodes' containers that are about to end, and may still bring a save. */
export class EndingsElsewhere {
  readonly #endings = new Map<SessionId, Ending>();

  /** Resolves when that is over, or nothing is heard of it any more. */
  begin(nodeId: NodeId, sessionId: SessionId): Promise<void> {
    this.end(sessionId);
    return new Promise((resolve) => {
      this.#endings.set(sessionId, { nodeId, resolve });
    });
  }

  end(sessionId: SessionId): void {
    this.#endings.get(sessionId)?.resolve();
    this.#endings.delete(sessionId);
  }

  /** What that node has told before is not known to hold. */
  endAll(nodeId: NodeId): void {
    for (const [sessionId, ending] of this.#endings) {
      if (ending.nodeId === nodeId) this.end(sessionId);
    }
  }
}

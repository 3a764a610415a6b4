import type { GameId, PlayerId, TicketId } from '../protocol/ids.ts';
import type { PlaceClaims } from './identity-tokens.ts';
import type { NodeId, TicketNews } from './nodes/node-messages.ts';
import type { TicketElsewhere } from './waiting-ticket.ts';

/** Those who wait at other nodes, as those have told. */
export class LineElsewhere {
  readonly #tickets = new Map<TicketId, TicketElsewhere>();

  get size(): number {
    return this.#tickets.size;
  }

  values(): IterableIterator<TicketElsewhere> {
    return this.#tickets.values();
  }

  /** The place that a player has at another node. */
  find(
    playerId: PlayerId,
    gameId: GameId,
    kept: PlaceClaims | undefined,
  ): TicketElsewhere | undefined {
    const known = kept && this.#tickets.get(kept.ticketId);
    if (known) return known;
    return [...this.#tickets.values()].find(
      (ticket) => ticket.playerId === playerId && ticket.request.gameId === gameId,
    );
  }

  /** A ticket has moved between two others: what the one before still says of it is nothing. */
  take(nodeId: NodeId, ticket: TicketNews): void {
    const known = this.#tickets.get(ticket.ticketId);
    if (known && known.nodeId !== nodeId && known.boundMs > ticket.boundMs) return;
    this.#tickets.set(ticket.ticketId, { ...ticket, nodeId });
  }

  /** Whether it was there. @param nodeId left out where it comes to this one. */
  remove(ticketId: TicketId, nodeId?: NodeId): boolean {
    if (nodeId !== undefined && this.#tickets.get(ticketId)?.nodeId !== nodeId) return false;
    return this.#tickets.delete(ticketId);
  }

  removeAll(nodeId: NodeId): void {
    for (const ticket of this.#tickets.values()) {
      if (ticket.nodeId === nodeId) this.#tickets.delete(ticket.ticketId);
    }
  }

  clear(): void {
    this.#tickets.clear();
  }
}

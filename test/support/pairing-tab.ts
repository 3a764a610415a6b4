import type { GameId, PlayerId, TicketId } from '../../protocol/ids.ts';
import type { TriedContainer } from '../../protocol/path-trial.ts';
import type {
  Offer,
  PlayGrant,
  SessionEnded,
  TicketRequest,
} from '../../protocol/player-messages.ts';
import type { PlayerLink } from '../../signaling/session-registry.ts';
import type { PairingNode } from './pairing-node.ts';

export interface PairingTabListener {
  handleOffer(tab: PairingTab, ticketId: TicketId): void;
  handleOfferOver(tab: PairingTab, ticketId: TicketId): void;
  /** It shows its game no more. */
  handleHungUp(grant: PlayGrant): void;
}

/** A page of a player on one node, which takes what it is told as the real one does. */
export class PairingTab implements PlayerLink {
  readonly playerId: PlayerId;
  readonly address: string;
  readonly node: PairingNode;
  readonly gameId: GameId;
  readonly #listener: PairingTabListener;
  connected = true;
  phase: 'asking' | 'waiting' | 'accepting' | 'playing' | 'idle' = 'asking';
  /** The place it knows of; news of any other is nothing to it. */
  ticketId: TicketId | undefined;
  offered = false;
  grant: PlayGrant | undefined;
  /** What it measures before it has a game. */
  tried: readonly TriedContainer[] = [];
  isMeasuring = false;
  /** When it asked, in steps of the pool. */
  readonly askedAt: number;

  constructor(
    playerId: PlayerId,
    gameId: GameId,
    node: PairingNode,
    askedAt: number,
    listener: PairingTabListener,
  ) {
    this.playerId = playerId;
    this.address = playerId;
    this.gameId = gameId;
    this.node = node;
    this.askedAt = askedAt;
    this.#listener = listener;
  }

  /** It waits for a place, or for the answer to its `accept`. */
  get isInLine(): boolean {
    return this.connected && (this.phase === 'waiting' || this.phase === 'accepting');
  }

  offer({ ticketId }: Offer): void {
    this.#listener.handleOffer(this, ticketId);
    if (this.connected && ticketId === this.ticketId) this.offered = true;
  }

  offerOver({ ticketId }: TicketRequest): void {
    this.#listener.handleOfferOver(this, ticketId);
    if (ticketId === this.ticketId && this.phase === 'waiting') this.rest();
  }

  sessionEnded({ sessionId }: SessionEnded): void {
    if (sessionId === this.grant?.sessionId) this.rest();
    this.tried = this.tried.filter((one) => one.sessionId !== sessionId);
  }

  signal(): void {}
  container(): void {}
  place(): void {}

  /** Nothing more is going on here. */
  rest(): void {
    if (this.grant) this.#listener.handleHungUp(this.grant);
    this.phase = 'idle';
    this.ticketId = undefined;
    this.offered = false;
    this.grant = undefined;
    this.tried = [];
    this.isMeasuring = false;
  }
}

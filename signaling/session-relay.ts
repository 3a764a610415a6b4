import { RockpoolError } from '../protocol/errors.ts';
import type { SessionEnded } from '../protocol/player-messages.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { IceOffer } from './ice-offer.ts';
import { containerAway } from './session-refusals.ts';
import type { PlayerLink, Session } from './session-registry.ts';

/** Where the sockets of players may be that are not here. A node that is alone has none. */
export interface OtherNodes {
  /** A socket of this node has a session from now on, or none has any more. */
  tellSeat(session: Session, taken: boolean): void;
  /** Passes a signal on to the node that has the player. */
  signal(session: Session, signal: SessionSignal): void;
}

/** Relays between the two parties of a session: one socket of its player, and its container. */
export class SessionRelay {
  readonly #containers: ContainerRegistry;
  readonly #ice: IceOffer;
  readonly #nodes: () => OtherNodes | undefined;

  constructor(
    containers: ContainerRegistry,
    ice: IceOffer,
    nodes: () => OtherNodes | undefined = () => undefined,
  ) {
    this.#containers = containers;
    this.#ice = ice;
    this.#nodes = nodes;
  }

  /** From now on to this socket; the one before is told that it is another's turn. */
  bind(session: Session, player: PlayerLink): void {
    const earlier = session.player;
    session.player = player;
    this.#nodes()?.tellSeat(session, true);
    if (earlier !== player) earlier?.sessionEnded(openedElsewhere(session));
  }

  /** Another node's socket has it from now on. */
  unbind(session: Session): void {
    session.player?.sessionEnded(openedElsewhere(session));
    session.player = undefined;
    session.held = undefined;
  }

  /** The socket that had it is gone. */
  release(session: Session): void {
    session.player = undefined;
    this.#nodes()?.tellSeat(session, false);
  }

  /** What comes from the container waits until the player knows of the session. */
  hold(session: Session): void {
    session.held = [];
  }

  deliverHeld(session: Session): void {
    const held = session.held ?? [];
    session.held = undefined;
    for (const signal of held) session.player?.signal(signal);
  }

  /** @throws RockpoolError where the session is not relayed to this socket, or its container is away. */
  async fromPlayer(session: Session, player: PlayerLink, signal: SessionSignal): Promise<void> {
    if (session.player !== player) {
      throw new RockpoolError('unauthorised', 'This game goes on over another connection.');
    }
    const link = this.#containers.link(session.containerId);
    if (link === undefined) throw containerAway();
    const told = this.#ice.passOn(signal);
    if (told) await link.signal(told);
  }

  fromContainer(session: Session, signal: SessionSignal): void {
    const told = this.#ice.passOn(signal);
    if (!told) return;
    if (session.held) session.held.push(told);
    else if (session.player) session.player.signal(told);
    // While the player's socket is away the signal is lost; a resume begins a new attempt anyway.
    else this.#nodes()?.signal(session, told);
  }
}

function openedElsewhere({ sessionId }: Session): SessionEnded {
  return { sessionId, reason: 'player-left', detail: 'This game was opened in another tab.' };
}

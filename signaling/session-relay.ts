import { RockpoolError } from '../protocol/errors.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { IceOffer } from './ice-offer.ts';
import { containerAway } from './session-refusals.ts';
import type { PlayerLink, Session } from './session-registry.ts';

/** Relays between the two parties of a session: one socket of its player, and its container. */
export class SessionRelay {
  readonly #containers: ContainerRegistry;
  readonly #ice: IceOffer;

  constructor(containers: ContainerRegistry, ice: IceOffer) {
    this.#containers = containers;
    this.#ice = ice;
  }

  /** From now on to this socket; the one before is told that it is another's turn. */
  bind(session: Session, player: PlayerLink): void {
    const earlier = session.player;
    session.player = player;
    if (earlier === undefined || earlier === player) return;
    earlier.sessionEnded({
      sessionId: session.sessionId,
      reason: 'player-left',
      detail: 'This game was opened in another tab.',
    });
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
    // While the player's socket is away the signal is lost; a resume begins a new attempt anyway.
    else session.player?.signal(told);
  }
}

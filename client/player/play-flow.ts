import type { ShareRequest } from '../../protocol/guest-messages.ts';
import type { PairingDecision } from '../../protocol/pairing-decision.ts';
import type { StayReason } from '../../protocol/player-messages.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { LiveGame } from './live-game.ts';
import type { Resumable } from './resume-store.ts';

/** The way to a game that runs elsewhere: as its player, or as a guest of theirs. */
export interface PlayFlow {
  /** What a reloaded page needs to go on; undefined where there is nothing to go on with. */
  readonly session: Omit<Resumable, 'nextSeq'> | undefined;
  readonly game: LiveGame;
  /** Takes the place that is offered to this player. */
  acceptOffer(): Promise<void>;
  /** Why the session is on its machine; undefined where there is none. @throws RockpoolError */
  explain(): Promise<PairingDecision | undefined>;
  /**
   * What the player asks concerning guests; the token of the link asked for.
   * @throws RockpoolError
   */
  share(request: ShareRequest['request']): Promise<string | undefined>;
  /**
   * The machine does not keep up: the game goes on elsewhere, where there is a better place.
   * @returns why it stays; undefined where it goes, or nobody could be asked.
   */
  leaveMachine(): Promise<StayReason | undefined>;
  /** Tells the server that this person goes for good. */
  leave(): Promise<void>;
  /** The game is over here. */
  end(reason: EndReason, detail: string | undefined): void;
  /** The worker speaks another version. */
  handleMismatch(message: string): void;
  /** Lets go of everything without a word. */
  close(): void;
}

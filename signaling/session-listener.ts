import type { EndReason } from '../protocol/session-state.ts';
import type { Session } from './session-registry.ts';

/** What a broker tells of the sessions there are. */
export interface SessionBrokerListener {
  /** @param seconds that its player waited for it. */
  handleStarted(session: Session, seconds: number): void;
  handleEnded(session: Session, reason: EndReason, detail: string | undefined): void;
  /** The same, where another node has told of it. */
  handleEndedElsewhere(session: Session, reason: EndReason): void;
}

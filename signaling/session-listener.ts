import type { EndReason } from '../protocol/session-state.ts';
import type { Session } from './session-registry.ts';

/** Told of the sessions there are. */
export interface SessionListener {
  /** @param seconds that its player waited for it. */
  handleStarted(session: Session, seconds: number): void;
  handleEnded(session: Session, reason: EndReason, detail: string | undefined): void;
  /** The same, where another node has told of it. */
  handleEndedElsewhere(session: Session, reason: EndReason): void;
}

import { toRockpoolError } from '../../../protocol/errors.ts';
import type { MoveAnswer, MoveRequest } from '../../../protocol/player-messages.ts';
import type { EndReason } from '../../../protocol/session-state.ts';
import type { SignalingConnection } from './signaling-connection.ts';

/** What was heard of a session's end. */
export interface Ending {
  readonly reason: EndReason;
  readonly detail: string | undefined;
}

/** What came of it; without an answer nobody knows, and the session goes on unless it has ended. */
export interface ChangeOutcome {
  readonly answer: MoveAnswer | undefined;
  readonly ending: Ending | undefined;
}

/**
 * Asks signaling to have a game go on on a better machine. The session may end at any moment for
 * another to take its place, so what is heard of its end waits for the answer.
 */
export class MachineChange {
  #asking = false;
  #ending: Ending | undefined;

  /** @returns false where nothing is asked for: the session has ended. */
  handleEnd(ending: Ending): boolean {
    if (this.#asking) this.#ending = ending;
    return this.#asking;
  }

  async ask(
    signaling: Pick<SignalingConnection, 'request'>,
    request: MoveRequest,
  ): Promise<ChangeOutcome> {
    this.#asking = true;
    this.#ending = undefined;
    let answer: MoveAnswer | undefined;
    try {
      answer = await signaling.request('move', request);
    } catch (error) {
      console.error('The game could not be moved to another machine.', toRockpoolError(error));
    }
    this.#asking = false;
    return { answer, ending: this.#ending };
  }
}

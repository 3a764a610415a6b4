import { toRockpoolError } from '../../../protocol/errors.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import type { SignalingConnection } from './signaling-connection.ts';

/** The page is going: no more than this is waited for the server to hear of it. */
const LEAVE_TIMEOUT_MS = 2000;

/** Ends a session for good. Resolves when the server knows, or does not answer; never rejects. */
export async function leaveSession(
  signaling: Pick<SignalingConnection, 'request'>,
  sessionId: SessionId,
): Promise<void> {
  try {
    await signaling.request('leave', { sessionId }, LEAVE_TIMEOUT_MS);
  } catch (error) {
    // The worker heard it first, over the connection that is still there.
    if (toRockpoolError(error).code === 'unknown-session') return;
    // Its container ends an abandoned session after the time of grace.
    console.error('The server could not be told that the session is over.', error);
  }
}

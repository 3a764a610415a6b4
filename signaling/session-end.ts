import type { Logger } from 'pino';
import type { SessionId } from '../protocol/ids.ts';
import type { ContainerLink } from './container-link.ts';

/**
 * Has a container end a session, or forget one that has not begun. Resolves when it has confirmed that,
 * or will not.
 * @param link undefined where the container is not connected: then it tells of the session on joining.
 */
export async function endOn(
  link: ContainerLink | undefined,
  sessionId: SessionId,
  log: Logger,
): Promise<void> {
  try {
    await link?.end({ sessionId });
  } catch (err) {
    const containerId = link?.hello.containerId;
    log.warn({ sessionId, containerId, err }, 'container did not confirm the end');
  }
}

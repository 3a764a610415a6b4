import type { Logger } from 'pino';
import { sweepSandboxes } from '../../renderer/sandbox/sandbox-description.ts';

/** Removes what sessions of builds left on this machine whose workers died. Never throws. */
export async function sweepSessions(log: Pick<Logger, 'info' | 'warn'>): Promise<void> {
  try {
    const removed = await sweepSandboxes();
    if (removed > 0) log.info({ removed }, 'what dead sessions had left was removed');
  } catch (error) {
    log.warn({ err: error }, 'what dead sessions left could not be removed');
  }
}

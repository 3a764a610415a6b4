import type { Logger } from 'pino';
import { sweepDesktops } from '../../renderer/desktop/desktop-sweep.ts';

/** Removes what sessions of builds left on this machine whose workers died. Never throws. */
export async function sweepSessions(log: Pick<Logger, 'info' | 'warn'>): Promise<void> {
  try {
    const removed = await sweepDesktops();
    if (removed > 0) log.info({ removed }, 'what dead sessions had left was removed');
  } catch (error) {
    log.warn({ err: error }, 'what dead sessions left could not be removed');
  }
}

import type { z } from 'zod';
import type { FromTryOut } from './try-out-orders.ts';
import type { FromProbe, FromWorker } from './worker-messages.ts';

/** Sends to the parent process; nothing where that is gone. */
export function tellParent(message: FromWorker | FromProbe | FromTryOut): void {
  if (process.connected) process.send?.(message);
}

/** Parses what the parent sends. Losing the parent ends this process: nobody else owns it. */
export function listenToParent<T>(schema: z.ZodType<T>, handle: (message: T) => void): void {
  process.on('message', (value) => {
    const result = schema.safeParse(value);
    // The parent is the same program: what does not parse is a defect, and the exit says so.
    if (!result.success) throw new Error('unknown message from the parent', result.error);
    handle(result.data);
  });
  process.on('disconnect', () => process.exit(0));
  // A terminal's Ctrl+C reaches the whole process group; the parent decides when a worker ends.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
}

import { GateProblem } from './gate-problem.ts';

/** @throws GateProblem `stopped` */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const handleAbort = () => {
      clearTimeout(timer);
      reject(new GateProblem('stopped', 'This run was stopped before its end.'));
    };
    if (signal.aborted) {
      reject(new GateProblem('stopped', 'This run was stopped before it began.'));
      return;
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', handleAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', handleAbort, { once: true });
  });
}

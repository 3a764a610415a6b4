/** Something running that can be ended. */
export interface Running {
  close(): Promise<void>;
}

/** After this long a stop is no longer waited for: five seconds are promised in all. */
const STOP_LIMIT_MS = 4_500;

/**
 * Starts, then waits for SIGTERM or SIGINT (or for the part itself to give up), then closes. Exits
 * with 0 after a signal, with 1 after a failure.
 * @param start gets a function that stops everything because of an error, and a signal that is aborted
 * when what it starts is not wanted any more.
 */
export async function runUntilStopped(
  start: (fail: (error: Error) => void, signal: AbortSignal) => Promise<Running>,
): Promise<void> {
  let stop: (error?: Error) => void = () => undefined;
  const stopped = new Promise<Error | undefined>((resolve) => {
    stop = resolve;
  });
  process.on('SIGTERM', () => stop());
  process.on('SIGINT', () => stop());
  const abort = new AbortController();
  const starting = start(stop, abort.signal);
  const failure = await Promise.race([stopped, starting.then(() => stopped)]);
  // During start-up what takes long is given up, the rest is waited for and closed.
  abort.abort();
  setTimeout(() => process.exit(failure ? 1 : 0), STOP_LIMIT_MS).unref();
  // What fails to start after it was told to stop is stopped.
  const running = failure ? await starting : await starting.catch(() => undefined);
  await running?.close();
  if (failure) throw failure;
  process.exit(0);
}

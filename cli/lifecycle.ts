/** Something running that can be ended. */
export interface Running {
  close(): Promise<void>;
}

/** After this long a stop is no longer waited for: five seconds are promised in all. */
const STOP_LIMIT_MS = 4_500;

/**
 * Starts, then waits for SIGTERM or SIGINT (or for the part itself to give up), then closes. Exits
 * with 0 after a signal, with 1 after a failure.
 * @param start gets a function that stops everything because of an error.
 */
export async function runUntilStopped(
  start: (fail: (error: Error) => void) => Promise<Running>,
): Promise<void> {
  let stop: (error?: Error) => void = () => undefined;
  const stopped = new Promise<Error | undefined>((resolve) => {
    stop = resolve;
  });
  process.on('SIGTERM', () => stop());
  process.on('SIGINT', () => stop());
  const starting = start(stop);
  // A signal during start-up waits for what is being started, then closes it.
  const failure = await Promise.race([stopped, starting.then(() => stopped)]);
  setTimeout(() => process.exit(failure ? 1 : 0), STOP_LIMIT_MS).unref();
  // Ctrl+C reaches child processes too, and one that has only just begun dies of it: what fails to
  // start after it was told to stop is stopped.
  const running = failure ? await starting : await starting.catch(() => undefined);
  await running?.close();
  if (failure) throw failure;
  process.exit(0);
}

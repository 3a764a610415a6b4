/** Something running that can be ended. */
export interface Running {
  /** Lets what people are doing come to its end, for as long as it may take. */
  drain?(): Promise<void>;
  close(): Promise<void>;
}

/** After this long a stop is no longer waited for: five seconds are promised in all. */
const STOP_LIMIT_MS = 4_500;

/**
 * Starts, then waits for SIGTERM or SIGINT (or for the part itself to give up), then drains and closes;
 * a second signal ends the draining. Exits with 0 after a signal, with 1 after a failure.
 * @param start gets a function that stops everything because of an error, and a signal that is aborted
 * when what it starts is not wanted any more.
 */
export async function runUntilStopped(
  start: (fail: (error: Error) => void, signal: AbortSignal) => Promise<Running>,
): Promise<void> {
  const stops = new Stops();
  process.on('SIGTERM', () => stops.add());
  process.on('SIGINT', () => stops.add());
  const abort = new AbortController();
  const starting = start((error) => stops.add(error), abort.signal);
  const firstStop = stops.next();
  let failure = await Promise.race([firstStop, starting.then(() => firstStop)]);
  // During start-up what takes long is given up, the rest is waited for and closed.
  abort.abort();
  const limit = () => setTimeout(() => process.exit(failure ? 1 : 0), STOP_LIMIT_MS).unref();
  const limitOfStart = limit();
  // What fails to start after it was told to stop is stopped.
  const running = failure ? await starting : await starting.catch(() => undefined);
  clearTimeout(limitOfStart);
  if (!failure && running?.drain) {
    const drained = running.drain().then(() => undefined);
    failure = await Promise.race([drained, stops.next()]);
  }
  limit();
  await running?.close();
  if (failure) throw failure;
  process.exit(0);
}

/** Reasons to stop, one after the other. */
class Stops {
  readonly #came: (Error | undefined)[] = [];
  #wake: () => void = () => undefined;

  add(error?: Error): void {
    this.#came.push(error);
    this.#wake();
  }

  /** The next one: an error, or undefined where a person asked for it. */
  async next(): Promise<Error | undefined> {
    while (this.#came.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#came.shift();
  }
}

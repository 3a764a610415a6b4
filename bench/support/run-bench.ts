interface Belonging {
  /** Ends it in good order. */
  close(): Promise<unknown> | unknown;
  /** Ends it at once, without waiting: this process is about to exit. */
  kill(): void;
}

/** What a bench opened, closed in reverse order however the bench ends. */
export class Belongings {
  readonly #open: Belonging[] = [];

  add(belonging: Belonging): void {
    this.#open.push(belonging);
  }

  /** What `task` opens is closed when it is over, or else with everything. */
  async within<T>(task: (own: Belongings) => Promise<T>): Promise<T> {
    const own = new Belongings();
    this.add(own);
    try {
      return await task(own);
    } finally {
      await own.close();
    }
  }

  async close(): Promise<void> {
    for (let one = this.#open.pop(); one; one = this.#open.pop()) await one.close();
  }

  kill(): void {
    for (let one = this.#open.pop(); one; one = this.#open.pop()) one.kill();
  }
}

/** Why something cannot be measured on this machine. It ends the bench and does not fail it. */
export class Skip extends Error {}

/**
 * Runs a bench and leaves nothing behind, on Ctrl+C and errors too. Exits with 0 unless the
 * measuring itself broke: a slow machine is no failure.
 */
export async function runBench(bench: (belongings: Belongings) => Promise<void>): Promise<void> {
  const belongings = new Belongings();
  process.once('exit', () => belongings.kill());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void belongings.close().finally(() => process.exit(130)));
  }
  try {
    await bench(belongings);
  } catch (error) {
    if (error instanceof Skip) console.error(`\nSKIPPED: ${error.message}\n`);
    else console.error(error);
    if (!(error instanceof Skip)) process.exitCode = 1;
  }
  await belongings.close();
}

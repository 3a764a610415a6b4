/** What was opened, to be closed in the opposite order, each once, whatever the others do. */
export class Belongings {
  readonly #closers: (() => Promise<void> | void)[] = [];
  #closing: Promise<void> | undefined;

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * @param close idempotent; called at once where everything is closed already.
   * @returns what was added.
   */
  async add<T>(thing: T, close: (thing: T) => Promise<void> | void): Promise<T> {
    if (this.#closing) await close(thing);
    else this.#closers.push(() => close(thing));
    return thing;
  }

  /** Resolves when all is closed. @throws AggregateError of what went wrong, after everything. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const errors: unknown[] = [];
    for (const close of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be closed.');
  }
}

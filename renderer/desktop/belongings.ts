/** What was opened, to be closed in the opposite order, each once, whatever the others do. */
export class Belongings {
  readonly #closers: (() => Promise<void> | void)[] = [];
  #closing: Promise<void> | undefined;

  /** @returns what was added. */
  add<T>(thing: T, close: (thing: T) => Promise<void> | void): T {
    this.#closers.push(() => close(thing));
    return thing;
  }

  /**
   * Call it when nothing more is added. Resolves when all is closed.
   * @throws AggregateError of what went wrong, after everything was tried.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const errors: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be closed.');
  }
}

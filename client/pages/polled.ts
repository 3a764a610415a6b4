import { type ReadonlySignal, signal } from '@preact/signals';
import type { z } from 'zod';
import { RockpoolError, wireErrorSchema } from '../../protocol/errors.ts';

export type PolledState<T> =
  | { readonly name: 'loading' }
  | {
      readonly name: 'ready';
      readonly value: T;
      /** True while the last refresh failed: what is shown may be out of date. */
      readonly stale: boolean;
    }
  | { readonly name: 'failed'; readonly message: string };

/** What is read is asked of the server the page came from. */
export type FetchJson = (address: string, init: RequestInit) => Promise<Response>;

/** Something the server tells at an address, read again and again. */
export class Polled<T> {
  readonly #fetch: FetchJson;
  readonly #address: string;
  readonly #schema: z.ZodType<T>;
  readonly #state = signal<PolledState<T>>({ name: 'loading' });
  #pending: Promise<void> | undefined;

  constructor(fetchJson: FetchJson, address: string, schema: z.ZodType<T>) {
    this.#fetch = fetchJson;
    this.#address = address;
    this.#schema = schema;
  }

  get state(): ReadonlySignal<PolledState<T>> {
    return this.#state;
  }

  /** Reads anew; a call during a read joins it. Failures become state, never a throw. */
  refresh(): Promise<void> {
    this.#pending ??= this.#read().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** Forgets a failure and shows that it is being read again. */
  retry(): Promise<void> {
    if (this.#state.peek().name === 'failed') this.#state.value = { name: 'loading' };
    return this.refresh();
  }

  async #read(): Promise<void> {
    try {
      const response = await this.#fetch(this.#address, {
        headers: { accept: 'application/json' },
      });
      if (!response.ok) throw await refusalOf(response);
      const value = this.#schema.parse(await response.json());
      this.#state.value = { name: 'ready', value, stale: false };
    } catch (thrown) {
      const before = this.#state.peek();
      this.#state.value =
        before.name === 'ready'
          ? { ...before, stale: true }
          : { name: 'failed', message: describeFailure(thrown) };
    }
  }
}

/** What the server says of why not, where it says so. */
async function refusalOf(response: Response): Promise<RockpoolError> {
  const told = wireErrorSchema.safeParse(await response.json().catch(() => undefined));
  if (told.success) return new RockpoolError(told.data.code, told.data.message);
  return new RockpoolError('internal', `The server answered with status ${response.status}.`);
}

function describeFailure(thrown: unknown): string {
  if (thrown instanceof TypeError) return 'The server could not be reached.';
  if (thrown instanceof RockpoolError) return thrown.message;
  return 'The server answered with something this page does not understand.';
}

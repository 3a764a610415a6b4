import { type ReadonlySignal, signal } from '@preact/signals';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { SignedIn } from '../../protocol/studio-messages.ts';
import { type StudioRequests, wasGivenUp } from './studio-requests.ts';

export type StudioState =
  | { readonly name: 'loading' }
  | { readonly name: 'failed'; readonly message: string }
  | { readonly name: 'signed-out' }
  | { readonly name: 'signed-in'; readonly who: SignedIn };

/** Who is signed in here, as far as this page knows. */
export class StudioSession {
  readonly requests: StudioRequests;
  readonly #state = signal<StudioState>({ name: 'loading' });

  constructor(requests: StudioRequests) {
    this.requests = requests;
  }

  get state(): ReadonlySignal<StudioState> {
    return this.#state;
  }

  /** Asks the server; failures become state. */
  async refresh(): Promise<void> {
    try {
      const answer = await this.requests.session();
      this.#state.value = answer.signedIn
        ? { name: 'signed-in', who: answer }
        : { name: 'signed-out' };
    } catch (thrown) {
      if (wasGivenUp(thrown)) return;
      // What is shown stays: it was right a moment ago.
      if (this.#state.peek().name === 'signed-in') return;
      this.#state.value = { name: 'failed', message: toRockpoolError(thrown).message };
    }
  }

  /** Somebody has come in. */
  arrive(who: SignedIn): void {
    this.#state.value = { name: 'signed-in', who };
  }

  async signOut(everywhere: boolean): Promise<void> {
    await this.requests.signOut(everywhere);
    this.#state.value = { name: 'signed-out' };
  }

  /** Whoever was signed out elsewhere, or too long ago, sees where to sign in. */
  async handleFailure(thrown: unknown): Promise<void> {
    if (thrown instanceof RockpoolError && thrown.code === 'unauthorised') await this.refresh();
  }
}

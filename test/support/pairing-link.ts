import type {
  AssignAnswer,
  AssignRequest,
  ConfirmRequest,
  EndRequest,
  ReserveRequest,
  TrialRequest,
} from '../../protocol/container-messages.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { Empty } from '../../protocol/player-messages.ts';
import type { ContainerLink, KnownContainer } from '../../signaling/container-link.ts';
import type { Timers } from '../../signaling/timers.ts';

/** As long as a container at a real socket is given. */
const ANSWER_TIMEOUT_MS = 10_000;

/** What a container is told to do, on its way there. */
export type Command =
  | { readonly name: 'reserve'; readonly request: ReserveRequest; readonly settle: Settle }
  | { readonly name: 'assign' | 'resume'; readonly request: AssignRequest; readonly settle: Settle }
  | { readonly name: 'trial'; readonly request: TrialRequest; readonly settle: Settle }
  | { readonly name: 'confirm'; readonly request: ConfirmRequest; readonly settle: Settle }
  | { readonly name: 'end'; readonly request: EndRequest; readonly settle: Settle };
type Settle = (outcome: AssignAnswer | RockpoolError) => void;

export interface PairingLinkListener {
  /** A node tells a container this. */
  handleCommand(link: PairingLink, command: Command): void;
  /** A node learns that a container did it. */
  handleDone(link: PairingLink, command: Command): void;
  /** The node hung up. */
  handleRefused(link: PairingLink): void;
}

/**
 * The connection of a container to a node. What one side says stays under way, in order, until a test
 * delivers it.
 */
export class PairingLink implements ContainerLink {
  readonly hello: KnownContainer;
  /** To the container. */
  readonly down: (() => void)[] = [];
  /** To the node. */
  readonly up: (() => void)[] = [];
  open = true;
  #dead = false;
  readonly #timers: Timers;
  readonly #listener: PairingLinkListener;
  readonly #handleDown: (command: Command) => void;
  readonly #pending = new Set<Settle>();

  constructor(
    hello: KnownContainer,
    timers: Timers,
    listener: PairingLinkListener,
    handleDown: (command: Command) => void,
  ) {
    this.hello = hello;
    this.#timers = timers;
    this.#listener = listener;
    this.#handleDown = handleDown;
  }

  async reserve(request: ReserveRequest): Promise<Empty> {
    await this.#command((settle) => ({ name: 'reserve', request, settle }));
    return {};
  }

  assign(request: AssignRequest): Promise<AssignAnswer> {
    return this.#command((settle) => ({ name: 'assign', request, settle }));
  }

  resume(request: AssignRequest): Promise<AssignAnswer> {
    return this.#command((settle) => ({ name: 'resume', request, settle }));
  }

  async trial(request: TrialRequest): Promise<Empty> {
    await this.#command((settle) => ({ name: 'trial', request, settle }));
    return {};
  }

  confirm(request: ConfirmRequest): Promise<AssignAnswer> {
    return this.#command((settle) => ({ name: 'confirm', request, settle }));
  }

  async end(request: EndRequest): Promise<Empty> {
    await this.#command((settle) => ({ name: 'end', request, settle }));
    return {};
  }

  async signal(): Promise<void> {}

  async guestSignal(): Promise<void> {}

  async guests(): Promise<never> {
    throw new RockpoolError('unknown-session', 'Nobody is invited in these games.');
  }

  /** Never comes back: how far a container is does not matter here. */
  echo(): Promise<unknown> {
    return new Promise(() => {});
  }

  /** No provider looks on here. */
  async drain(): Promise<void> {}
  async reopen(): Promise<void> {}
  async prefetch(): Promise<void> {}

  async tryOut(): Promise<void> {}
  async log(): Promise<{ lines: [] }> {
    return { lines: [] };
  }

  refuse(): void {
    this.#listener.handleRefused(this);
  }

  /** Both sides lose it, and all that was under way. */
  cut(): void {
    this.open = false;
    this.down.length = 0;
    this.up.length = 0;
    for (const fail of [...this.#pending]) {
      fail(new RockpoolError('container-lost', 'The connection to the machine was lost.'));
    }
  }

  /** The node is no more: nothing it might still ask for comes to anything. */
  die(): void {
    this.#dead = true;
    this.open = false;
    this.abandon();
  }

  /** The container has lost it; the node sees nothing of that. */
  abandon(): void {
    this.down.length = 0;
    this.up.length = 0;
  }

  /** Says something to the container. */
  tell(message: () => void): void {
    if (this.open) this.down.push(message);
  }

  /** Says something to the node. */
  say(message: () => void): void {
    if (this.open) this.up.push(message);
  }

  #command(create: (settle: Settle) => Command): Promise<AssignAnswer> {
    if (this.#dead) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      const settle: Settle = (outcome) => {
        if (!this.#pending.delete(settle)) return;
        cancel();
        if (outcome instanceof RockpoolError) reject(outcome);
        else {
          this.#listener.handleDone(this, command);
          resolve(outcome);
        }
      };
      const command = create(settle);
      this.#pending.add(settle);
      const cancel = this.#timers.after(ANSWER_TIMEOUT_MS, () =>
        settle(new RockpoolError('timeout', 'The machine did not answer in time.')),
      );
      if (!this.open) {
        settle(new RockpoolError('container-lost', 'The connection to the machine is gone.'));
        return;
      }
      this.#listener.handleCommand(this, command);
      this.down.push(() => this.#handleDown(command));
    });
  }
}

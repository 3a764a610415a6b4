import type { ContainerId } from '../protocol/ids.ts';
import type { TicketNews } from './nodes/node-messages.ts';
import type { SessionStarter, Wish } from './session-starter.ts';
import { kindOf } from './waiting-ticket.ts';

/** Who waits longer than this has a machine kept free for them: small sessions do not starve large ones. */
export const PATIENCE_MS = 60_000;

export interface ServingPassOptions {
  readonly starter: Pick<SessionStarter, 'choose'>;
  /** Epoch milliseconds: a place outlives this process. */
  readonly wallClockMs: () => number;
  /** The container that a demand should have once it is empty enough; undefined where there is none. */
  readonly bestWhenEmpty: (wish: Wish) => ContainerId | undefined;
}

/** Whoever waits, here or at another node. */
type Waiter = Pick<TicketNews, 'request' | 'sinceMs'>;

/** One walk along the line from the longest wait to the shortest: what is left for those further back. */
export class ServingPass {
  readonly #options: ServingPassOptions;
  /** What was asked for once and not to be had is not asked for again in this pass. */
  readonly #inVain = new Set<string>();
  readonly #barred = new Set<ContainerId>();

  constructor(options: ServingPassOptions) {
    this.#options = options;
  }

  /** Kept for those further ahead. */
  get barred(): ReadonlySet<ContainerId> {
    return this.#barred;
  }

  /** Whether nobody further ahead waits for the same. */
  isOpen({ request }: Waiter): boolean {
    return !this.#inVain.has(kindOf(request));
  }

  /** Nobody further back gets what this one could not. */
  close({ request }: Waiter): void {
    this.#inVain.add(kindOf(request));
  }

  /** Nobody here overtakes who has waited longer at another node: that will ask for what they can have. */
  leaveTo(ticket: Waiter): void {
    const theirs = this.isOpen(ticket)
      ? this.#options.starter.choose(this.#wish(ticket, this.#barred))
      : undefined;
    this.close(ticket);
    if (theirs) this.#barred.add(theirs);
    else this.keepMachine(ticket);
  }

  /** For who has waited in vain for long. */
  keepMachine(ticket: Waiter): void {
    const wish = this.#wish(ticket, new Set());
    if (wish.waitedMs < PATIENCE_MS || this.#barred.size > 0) return;
    const kept = this.#options.bestWhenEmpty(wish);
    if (kept) this.#barred.add(kept);
  }

  #wish(ticket: Waiter, barred: ReadonlySet<ContainerId>): Wish {
    const waitedMs = waitedSince(ticket, this.#options.wallClockMs());
    return { request: ticket.request, waitedMs, barred };
  }
}

/** Milliseconds. @param nowMs epoch milliseconds. */
export function waitedSince({ sinceMs }: Waiter, nowMs: number): number {
  return Math.max(0, nowMs - sinceMs);
}

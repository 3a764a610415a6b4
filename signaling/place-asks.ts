import type { Logger } from 'pino';
import { toRockpoolError } from '../protocol/errors.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { Session } from './session-registry.ts';
import type { AskedPlace, Demand, SessionStarter } from './session-starter.ts';
import type { Timers } from './timers.ts';
import { placeKindOf, type Ticket } from './waiting-ticket.ts';

/**
 * To keep a place is no work: what takes longer is a machine that is busy, cut off or half gone. Three
 * times the round trip to the other side of the world.
 */
export const QUICK_ANSWER_MS = 1_000;

/** A place that a container keeps, and what it was asked for. */
export interface KeptPlace {
  readonly session: Session;
  /** See {@link placeKindOf}. */
  readonly kind: string;
  /** Whose turn it was. */
  readonly ticket: Ticket;
}

export interface PlaceAsksOptions {
  readonly starter: SessionStarter;
  readonly containers: Pick<ContainerRegistry, 'handleLate'>;
  readonly timers: Timers;
  readonly log: Logger;
  /** To be given to somebody, or cancelled. */
  readonly handleKept: (place: KeptPlace) => void;
  /** An ask is decided, or takes too long to be waited for. */
  readonly handleChange: () => void;
}

/**
 * The places that containers are being asked to keep, any number at a time. Who does not answer soon is
 * not waited for; what they answer in the end counts all the same.
 */
export class PlaceAsks {
  readonly #options: PlaceAsksOptions;
  /** Those worth waiting for, by kind of place. */
  readonly #underWay = new Map<string, number>();
  readonly #timeouts = new Set<() => void>();

  constructor(options: PlaceAsksOptions) {
    this.#options = options;
  }

  /** How many answers are worth waiting for, by kind of place; a copy. */
  underWay(): Map<string, number> {
    return new Map(this.#underWay);
  }

  /** @returns false where no container would take it now. */
  ask(ticket: Ticket, demand: Demand): boolean {
    const { starter, log } = this.#options;
    let asked: AskedPlace;
    try {
      asked = starter.ask(demand);
    } catch (error) {
      if (toRockpoolError(error).code !== 'no-free-slot') {
        log.warn({ ticketId: ticket.ticketId, err: error }, 'no place was found');
      }
      return false;
    }
    void this.#follow(ticket, asked);
    return true;
  }

  /** Waits for nobody any more. */
  close(): void {
    for (const cancel of this.#timeouts) cancel();
    this.#timeouts.clear();
  }

  async #follow(ticket: Ticket, { session, kept }: AskedPlace): Promise<void> {
    const { containers, timers, handleKept, handleChange } = this.#options;
    const { containerId } = session;
    const kind = placeKindOf(ticket.request);
    this.#count(kind, 1);
    let settle = () => this.#count(kind, -1);
    const cancelTimeout = timers.after(QUICK_ANSWER_MS, () => {
      this.#timeouts.delete(cancelTimeout);
      this.#count(kind, -1);
      settle = containers.handleLate(containerId);
      handleChange();
    });
    this.#timeouts.add(cancelTimeout);
    const isKept = await kept.then(
      () => true,
      () => false,
    );
    cancelTimeout();
    this.#timeouts.delete(cancelTimeout);
    settle();
    if (isKept) handleKept({ session, kind, ticket });
    else ticket.passedOver.add(containerId);
    handleChange();
  }

  #count(kind: string, by: 1 | -1): void {
    const count = (this.#underWay.get(kind) ?? 0) + by;
    if (count > 0) this.#underWay.set(kind, count);
    else this.#underWay.delete(kind);
  }
}

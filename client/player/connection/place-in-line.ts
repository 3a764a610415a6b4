import { type ErrorCode, RockpoolError, toRockpoolError } from '../../../protocol/errors.ts';
import type { TriedContainer, TriedPath } from '../../../protocol/path-trial.ts';
import type {
  Choice,
  MeasureAnswer,
  Offer,
  Place,
  PlayGrant,
  PlayRequest,
} from '../../../protocol/player-messages.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SignalingConnection } from './signaling-connection.ts';

/** Where a player stands who waits for a free place. */
export interface Waiting {
  /** 1 is the next. */
  readonly position: number;
  /** Players in the line. */
  readonly waiting: number;
  /** Machines that have the game, however full. */
  readonly machines: number;
  /** Milliseconds from when it was told; undefined where nobody can tell. */
  readonly expectedWaitMs: number | undefined;
  /** It is this player's turn. */
  readonly offer: OfferedPlace | undefined;
}

export interface OfferedPlace {
  /** Until then it is kept; `performance.now()` time. */
  readonly untilMs: number;
  readonly containerName: string;
}

export interface PlaceInLineOptions {
  readonly scheduler: Scheduler;
  readonly signaling: () => Pick<SignalingConnection, 'request'>;
  readonly handleWaiting: (waiting: Waiting) => void;
  /** Tries containers before one is chosen. Need not settle once the player has left. */
  readonly measure: (candidates: readonly TriedContainer[]) => Promise<TriedPath[]>;
}

interface Pending {
  readonly request: PlayRequest;
  readonly resolve: (grant: PlayGrant) => void;
  readonly reject: (error: RockpoolError) => void;
}

/**
 * Asks for a session until there is one: at once, or after a wait in line. A place outlives the
 * connection to signaling, and signaling itself: the token proves since when it is held.
 */
export class PlaceInLine {
  readonly #options: PlaceInLineOptions;
  #pending: Pending | undefined;
  #place: Place | undefined;
  #placeToken: string | undefined;
  #offer: OfferedPlace | undefined;
  #accepting = false;

  constructor(options: PlaceInLineOptions) {
    this.#options = options;
  }

  /** Whether the player stands in a line. */
  get waits(): boolean {
    return this.#place !== undefined;
  }

  /** @throws RockpoolError why there is no session; `turn-missed` where an offer was not taken. */
  ask(request: PlayRequest): Promise<PlayGrant> {
    return new Promise((resolve, reject) => {
      this.#pending = { request, resolve, reject };
      this.#request(request);
    });
  }

  /** Signaling is there again; what it knew of this player may be gone. */
  handleWelcome(): void {
    const pending = this.#pending;
    if (!pending || !this.#place) return;
    this.#offer = undefined;
    const { resume: _, ...request } = pending.request;
    this.#request({ ...request, ...(this.#placeToken && { placeToken: this.#placeToken }) });
  }

  handlePlace(place: Place): void {
    if (place.ticketId !== this.#place?.ticketId) return;
    this.#place = place;
    this.#tell();
  }

  handleOffer({ ticketId, holdMs, containerName }: Offer): void {
    if (ticketId !== this.#place?.ticketId) return;
    this.#offer = { untilMs: this.#options.scheduler.now() + holdMs, containerName };
    this.#tell();
  }

  handleOfferOver({ ticketId }: Pick<Place, 'ticketId'>): void {
    if (ticketId !== this.#place?.ticketId || this.#accepting) return;
    this.#fail(missedError());
  }

  /** Takes the offered place. Nothing happens where there is none. */
  async accept(): Promise<void> {
    if (!this.#offer || !this.#place || this.#accepting) return;
    const { ticketId } = this.#place;
    this.#accepting = true;
    try {
      this.#grant(await this.#options.signaling().request('accept', { ticketId }));
    } catch (thrown) {
      const error = toRockpoolError(thrown);
      this.#offer = undefined;
      if (error.code === 'turn-missed') this.#fail(error);
      // The machine did not start the game: this player is still the first in line.
      else this.#tell();
    } finally {
      this.#accepting = false;
    }
  }

  /** Gives the place up. Resolves when signaling knows, or does not answer. */
  async leave(): Promise<void> {
    const place = this.#place;
    this.#forget();
    if (!place) return;
    const { ticketId } = place;
    try {
      await this.#options.signaling().request('leave-line', { ticketId }, LEAVE_TIMEOUT_MS);
    } catch (error) {
      // Signaling gives the place away half a minute after the connection is gone.
      console.error('The server could not be told that the place is free.', error);
    }
  }

  async #request(request: PlayRequest): Promise<void> {
    const pending = this.#pending;
    try {
      const first = await this.#options.signaling().request('play', request);
      if (pending !== this.#pending) return;
      const answer = first.kind === 'measure' ? await this.#choose(first, request) : first;
      if (pending !== this.#pending) return;
      if (answer.kind === 'granted') this.#grant(answer.grant);
      else {
        this.#place = answer.place;
        this.#placeToken = answer.placeToken;
        this.#tell();
      }
    } catch (thrown) {
      const error = toRockpoolError(thrown);
      // Who waits asks again as soon as signaling is back.
      if (pending === this.#pending && !(this.#place && error.code === 'timeout'))
        this.#fail(error);
    }
  }

  /** Where what was tried is forgotten meanwhile, a game starts as if nothing had been. */
  async #choose({ candidates }: MeasureAnswer, request: PlayRequest): Promise<Choice> {
    const signaling = this.#options.signaling();
    const paths = await this.#options.measure(candidates);
    try {
      return await signaling.request('choose', { paths });
    } catch (error) {
      if (!FORGOTTEN.has(toRockpoolError(error).code)) throw error;
    }
    const answer = await signaling.request('play', { ...request, mayMeasure: false });
    if (answer.kind !== 'measure') return answer;
    throw new RockpoolError('bad-message', 'The server asked to measure what it was not to.');
  }

  #tell(): void {
    if (!this.#place) return;
    const { position, waiting, machines, expectedWaitMs } = this.#place;
    this.#options.handleWaiting({
      position,
      waiting,
      machines,
      expectedWaitMs: expectedWaitMs ?? undefined,
      offer: this.#offer,
    });
  }

  #grant(grant: PlayGrant): void {
    const pending = this.#pending;
    this.#forget();
    pending?.resolve(grant);
  }

  #fail(error: RockpoolError): void {
    const pending = this.#pending;
    this.#forget();
    pending?.reject(error);
  }

  #forget(): void {
    this.#pending = undefined;
    this.#place = undefined;
    this.#placeToken = undefined;
    this.#offer = undefined;
  }
}

/** The page is going: no more than this is waited for the server to hear of it. */
const LEAVE_TIMEOUT_MS = 2000;

/** Signaling started anew, or has lost this player's connection and with it what was tried. */
const FORGOTTEN: ReadonlySet<ErrorCode> = new Set(['unknown-session', 'timeout']);

function missedError(): RockpoolError {
  return new RockpoolError('turn-missed', 'Your turn came, and the place went to the next.');
}

import type { GameId } from '../protocol/ids.ts';
import type { Place } from '../protocol/player-messages.ts';
import type { WaitForecast } from './wait-forecast.ts';
import type { Ticket } from './waiting-ticket.ts';

export interface PlaceBoardOptions {
  readonly forecast: WaitForecast;
  /** Whether two games can take each other's place. */
  readonly compete: (one: GameId, other: GameId) => boolean;
  /** How many containers have a game, however full. */
  readonly machines: (gameId: GameId) => number;
}

/** A place in the line, at whatever node. */
type Waiter = Pick<Ticket, 'ticketId'> & {
  readonly request: Pick<Ticket['request'], 'gameId'>;
};

/** Tells those who wait where they stand. */
export class PlaceBoard {
  readonly #options: PlaceBoardOptions;

  constructor({ forecast, compete, machines }: PlaceBoardOptions) {
    this.#options = { forecast, compete, machines };
  }

  /** @param order everybody who waits, the longest wait first. */
  placeOf(ticket: Waiter, order: readonly Waiter[]): Place {
    return this.#placeIn(this.#lineOf(ticket.request.gameId, order), ticket);
  }

  /**
   * Tells each player whose place is another than they know.
   * @param own those who are told.
   */
  tell(own: Iterable<Ticket>, order: readonly Waiter[]): void {
    const lines = new Map<GameId, readonly Waiter[]>();
    for (const ticket of own) {
      // Before its `play` is answered a ticket has no place to be told.
      if (!ticket.told || ticket.offer || !ticket.player.connected) continue;
      const { gameId } = ticket.request;
      const line = lines.get(gameId) ?? this.#lineOf(gameId, order);
      lines.set(gameId, line);
      const place = this.#placeIn(line, ticket);
      if (samePlace(place, ticket.told)) continue;
      ticket.told = place;
      ticket.player.place(place);
    }
  }

  /** Those who wait for what a game would take. */
  #lineOf(gameId: GameId, order: readonly Waiter[]): readonly Waiter[] {
    return order.filter((other) => this.#options.compete(other.request.gameId, gameId));
  }

  #placeIn(line: readonly Waiter[], { ticketId, request: { gameId } }: Waiter): Place {
    const { forecast, machines } = this.#options;
    const position = Math.max(1, line.findIndex((other) => other.ticketId === ticketId) + 1);
    return {
      ticketId,
      position,
      waiting: Math.max(1, line.length),
      machines: machines(gameId),
      expectedWaitMs: forecast.expectedWaitMs(gameId, position),
    };
  }
}

/** As far as a player would notice: expected waits are told to about a quarter of a minute. */
function samePlace(one: Place, other: Place): boolean {
  const quarters = ({ expectedWaitMs }: Place) =>
    expectedWaitMs === null ? null : Math.round(expectedWaitMs / 15_000);
  return (
    one.position === other.position &&
    one.waiting === other.waiting &&
    one.machines === other.machines &&
    quarters(one) === quarters(other)
  );
}

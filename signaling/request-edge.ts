import type { Logger } from 'pino';
import type { Socket } from 'socket.io';
import type { z } from 'zod';
import { parseMessage, RockpoolError } from '../protocol/errors.ts';
import type { Ack } from '../protocol/player-messages.ts';
import type { Edge, Metrics } from './metrics.ts';

/** A table of requests as in protocol/: the schema of each event's payload and answer. */
type RequestTable = Record<string, { payload: z.ZodType; answer: z.ZodType }>;

/** One handler per event. It answers once, or throws what is then answered as an error. */
export type RequestHandlers<T extends RequestTable> = {
  readonly [K in keyof T]: (
    payload: z.infer<T[K]['payload']>,
    answer: (value: z.infer<T[K]['answer']>) => void,
  ) => void | Promise<void>;
};

export interface RequestEdgeOptions {
  readonly edge: Edge;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** @throws RockpoolError `rate-limited` */
  readonly limit: (event: string) => Promise<void>;
}

/** An error that is safe to tell: an unforeseen one is logged here and told without its details. */
export function tellable(thrown: unknown, log: Logger): RockpoolError {
  if (thrown instanceof RockpoolError) return thrown;
  log.error({ err: thrown }, 'unforeseen error');
  return new RockpoolError('internal', 'Something went wrong on the server. Try again.', {
    cause: thrown,
  });
}

/**
 * Answers every event of a socket: parsed by its table and handled, or a typed error and a count.
 * Nothing that comes in can throw out of here.
 */
export function serveRequests<T extends RequestTable>(
  socket: Socket,
  table: T,
  handlers: RequestHandlers<T>,
  { edge, metrics, log, limit }: RequestEdgeOptions,
): void {
  const receive = async (event: unknown, args: unknown[]) => {
    const last = args.at(-1);
    const ack = typeof last === 'function' ? (last as (answer: Ack<unknown>) => void) : undefined;
    try {
      const name = String(event);
      await limit(name);
      if (!Object.hasOwn(table, name)) {
        throw new RockpoolError('bad-message', `There is no event "${name.slice(0, 40)}".`);
      }
      if (ack === undefined || args.length !== 2) {
        throw new RockpoolError('bad-message', `${name} takes one payload and an acknowledgement.`);
      }
      const payload = parseMessage(table[name]?.payload as T[string]['payload'], args[0], name);
      await handlers[name]?.(payload as z.infer<T[string]['payload']>, (value) =>
        ack({ ok: true, value }),
      );
    } catch (thrown) {
      const error = tellable(thrown, log);
      metrics.countRejected(edge, error.code);
      ack?.({ ok: false, error: error.toWire() });
    }
  };
  socket.onAny((event: unknown, ...args: unknown[]) => void receive(event, args));
  // What cannot be decoded cannot be answered; the transport hangs up by itself. An event that a
  // client names "error" comes by here too, but has no Error in it, and is answered above.
  socket.on('error', (cause: unknown) => {
    if (cause instanceof Error) metrics.countRejected(edge, 'bad-message');
  });
  socket.on('disconnect', (reason: string, cause: unknown) => {
    if (reason === 'parse error') metrics.countRejected(edge, 'bad-message');
    if (cause instanceof Error && cause.message.includes('Max payload size exceeded')) {
      metrics.countRejected(edge, 'message-too-large');
    }
  });
}

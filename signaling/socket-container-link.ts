import type { Socket } from 'socket.io';
import type { z } from 'zod';
import type { BuildOrder } from '../protocol/build-order.ts';
import { type LogAnswer, logAnswerSchema } from '../protocol/console-log.ts';
import {
  type AssignAnswer,
  type AssignRequest,
  assignAnswerSchema,
  type ConfirmRequest,
  type containerCommands,
  type EndRequest,
  type ReserveRequest,
  type ResumeRequest,
  type SignalingToContainer,
  type TrialRequest,
} from '../protocol/container-messages.ts';
import { RockpoolError } from '../protocol/errors.ts';
import {
  type GuestAnswer,
  type GuestOrder,
  type GuestSignal,
  guestAnswerSchema,
} from '../protocol/guest-messages.ts';
import { type Empty, emptySchema, readAck } from '../protocol/player-messages.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { TryOutRequest } from '../protocol/try-out-messages.ts';
import type { ContainerLink, KnownContainer } from './container-link.ts';
import type { Timers } from './timers.ts';

/** A container with a warm worker answers within a second, a cold one within a few. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Events are parsed where they come in, so none is typed before. */
export type ContainerSocket = Socket<Record<string, never>, SignalingToContainer>;

/** A container at the other end of a socket. */
export class SocketContainerLink implements ContainerLink {
  readonly hello: KnownContainer;
  readonly #socket: ContainerSocket;
  readonly #timers: Timers;
  readonly #pending = new Set<(error: RockpoolError) => void>();

  constructor(socket: ContainerSocket, hello: KnownContainer, timers: Timers) {
    this.hello = hello;
    this.#socket = socket;
    this.#timers = timers;
  }

  reserve(request: ReserveRequest): Promise<Empty> {
    return this.#command('reserve', request, emptySchema);
  }

  assign(request: AssignRequest): Promise<AssignAnswer> {
    return this.#command('assign', request, assignAnswerSchema);
  }

  resume(request: ResumeRequest): Promise<AssignAnswer> {
    return this.#command('resume', request, assignAnswerSchema);
  }

  trial(request: TrialRequest): Promise<Empty> {
    return this.#command('trial', request, emptySchema);
  }

  confirm(request: ConfirmRequest): Promise<AssignAnswer> {
    return this.#command('confirm', request, assignAnswerSchema);
  }

  end(request: EndRequest): Promise<Empty> {
    return this.#command('end', request, emptySchema);
  }

  tryOut(request: TryOutRequest): Promise<Empty> {
    return this.#command('try-out', request, emptySchema);
  }

  signal(signal: SessionSignal): Promise<Empty> {
    return this.#command('signal', signal, emptySchema);
  }

  guests(order: GuestOrder): Promise<GuestAnswer> {
    return this.#command('guests', order, guestAnswerSchema);
  }

  guestSignal(signal: GuestSignal): Promise<Empty> {
    return this.#command('guest-signal', signal, emptySchema);
  }

  echo(): Promise<Empty> {
    return this.#command('echo', {}, emptySchema);
  }

  drain(): Promise<Empty> {
    return this.#command('drain', {}, emptySchema);
  }

  reopen(): Promise<Empty> {
    return this.#command('reopen', {}, emptySchema);
  }

  prefetch(order: BuildOrder): Promise<Empty> {
    return this.#command('prefetch', order, emptySchema);
  }

  log(): Promise<LogAnswer> {
    return this.#command('log', {}, logAnswerSchema);
  }

  refuse(error: RockpoolError): void {
    this.#socket.emit('refused', error.toWire());
    this.#socket.disconnect(true);
  }

  /** The socket is gone: whatever was not answered never will be. */
  handleDisconnected(): void {
    const lost = lostError();
    for (const fail of [...this.#pending]) fail(lost);
  }

  /** @throws RockpoolError the container's own, `timeout`, `container-lost` or `bad-message`. */
  async #command<A>(
    name: keyof typeof containerCommands,
    payload: unknown,
    answerSchema: z.ZodType<A>,
  ): Promise<A> {
    if (!this.#socket.connected) throw lostError();
    const reply = await new Promise<unknown>((resolve, reject) => {
      const settle = () => {
        this.#pending.delete(fail);
        cancel();
      };
      const fail = (error: RockpoolError) => {
        settle();
        reject(error);
      };
      const cancel = this.#timers.after(ANSWER_TIMEOUT_MS, () =>
        fail(
          new RockpoolError('timeout', 'The machine that runs the game did not answer in time.'),
        ),
      );
      this.#pending.add(fail);
      const acknowledge = (answer: unknown) => {
        settle();
        resolve(answer);
      };
      // The answer of a foreign machine is unknown until it is parsed below.
      (this.#socket as Socket).emit(name, payload, acknowledge);
    });
    return readAck(answerSchema, reply, name);
  }
}

function lostError(): RockpoolError {
  return new RockpoolError(
    'container-lost',
    'The connection to the machine that runs the game was lost.',
  );
}

import type { z } from 'zod';
import type { LogAnswer } from '../../protocol/console-log.ts';
import {
  type AssignAnswer,
  type AssignRequest,
  type ConfirmRequest,
  containerCommands,
  type EndRequest,
  type ReserveRequest,
  type ResumeRequest,
  type TrialRequest,
} from '../../protocol/container-messages.ts';
import type { GuestAnswer, GuestOrder, GuestSignal } from '../../protocol/guest-messages.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Empty } from '../../protocol/player-messages.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { TryOutRequest } from '../../protocol/try-out-messages.ts';
import type { ContainerLink, KnownContainer } from '../container-link.ts';
import type { NodeCalls } from './node-calls.ts';
import type { NodeCall, NodeId, SessionNews } from './node-messages.ts';

/** What a session of this node is to others; undefined where it is over. */
export type DescribeSession = (sessionId: SessionId) => SessionNews | undefined;

/** A container whose socket another node has. */
export class RemoteContainerLink implements ContainerLink {
  readonly hello: KnownContainer;
  readonly nodeId: NodeId;
  /** When it joined there, epoch milliseconds. */
  readonly joinedMs: number;
  /** As its own node measures it. */
  readonly roundTrip: { minimumMs: number | undefined; close(): void };
  readonly #calls: NodeCalls;
  readonly #describe: DescribeSession;

  constructor(
    hello: KnownContainer,
    nodeId: NodeId,
    joinedMs: number,
    calls: NodeCalls,
    describe: DescribeSession,
  ) {
    this.hello = hello;
    this.nodeId = nodeId;
    this.joinedMs = joinedMs;
    this.roundTrip = { minimumMs: undefined, close: () => {} };
    this.#calls = calls;
    this.#describe = describe;
  }

  reserve(request: ReserveRequest): Promise<Empty> {
    return this.#call('reserve', request, request.sessionId);
  }

  trial(request: TrialRequest): Promise<Empty> {
    return this.#call('trial', request, request.sessionId);
  }

  confirm(request: ConfirmRequest): Promise<AssignAnswer> {
    return this.#call('confirm', request, request.sessionId);
  }

  assign(request: AssignRequest): Promise<AssignAnswer> {
    return this.#call('assign', request, request.sessionId);
  }

  resume(request: ResumeRequest): Promise<AssignAnswer> {
    return this.#call('resume', request);
  }

  end(request: EndRequest): Promise<Empty> {
    return this.#call('end', request);
  }

  tryOut(request: TryOutRequest): Promise<Empty> {
    return this.#call('try-out', request);
  }

  signal(signal: SessionSignal): Promise<Empty> {
    return this.#call('signal', signal);
  }

  guests(order: GuestOrder): Promise<GuestAnswer> {
    return this.#call('guests', order);
  }

  guestSignal(signal: GuestSignal): Promise<Empty> {
    return this.#call('guest-signal', signal);
  }

  drain(): Promise<Empty> {
    return this.#call('drain', {});
  }

  reopen(): Promise<Empty> {
    return this.#call('reopen', {});
  }

  log(): Promise<LogAnswer> {
    return this.#call('log', {});
  }

  /** Its own node sees to that. */
  async prefetch(): Promise<void> {}

  /** Its own node measures it. */
  async echo(): Promise<void> {}

  /** Its own node hears that the container has joined elsewhere, and hangs up. */
  refuse(): void {}

  async #call<K extends NodeCall['command']>(
    command: K,
    payload: unknown,
    sessionId?: SessionId,
  ): Promise<z.infer<(typeof containerCommands)[K]['answer']>> {
    const { containerId } = this.hello;
    const session = sessionId && this.#describe(sessionId);
    const call = { containerId, command, payload, ...(session && { session }) };
    const answer: z.ZodType = containerCommands[command].answer;
    return (await this.#calls.call(this.nodeId, call, answer)) as z.infer<
      (typeof containerCommands)[K]['answer']
    >;
  }
}

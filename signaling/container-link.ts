import type { BuildOrder } from '../protocol/build-order.ts';
import type { LogAnswer } from '../protocol/console-log.ts';
import type {
  AssignAnswer,
  AssignRequest,
  ConfirmRequest,
  ContainerHello,
  EndRequest,
  ReserveRequest,
  ResumeRequest,
  TrialRequest,
} from '../protocol/container-messages.ts';
import type { RockpoolError } from '../protocol/errors.ts';
import type { GuestAnswer, GuestOrder, GuestSignal } from '../protocol/guest-messages.ts';
import type { ContainerId } from '../protocol/ids.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { TryOutRequest } from '../protocol/try-out-messages.ts';
import type { RoundTrip } from './round-trip.ts';

/** What a container said on connecting, less what let it in, and the id that is its key's. */
export interface KnownContainer extends Omit<ContainerHello, 'joinToken' | 'protocol'> {
  readonly containerId: ContainerId;
}

/** The connection of one container as the rest of signaling sees it. Commands reject when it is lost. */
export interface ContainerLink {
  readonly hello: KnownContainer;
  reserve(request: ReserveRequest): Promise<unknown>;
  assign(request: AssignRequest): Promise<AssignAnswer>;
  resume(request: ResumeRequest): Promise<AssignAnswer>;
  trial(request: TrialRequest): Promise<unknown>;
  confirm(request: ConfirmRequest): Promise<AssignAnswer>;
  end(request: EndRequest): Promise<unknown>;
  tryOut(request: TryOutRequest): Promise<unknown>;
  signal(signal: SessionSignal): Promise<unknown>;
  guests(order: GuestOrder): Promise<GuestAnswer>;
  guestSignal(signal: GuestSignal): Promise<unknown>;
  echo(): Promise<unknown>;
  drain(): Promise<unknown>;
  reopen(): Promise<unknown>;
  prefetch(order: BuildOrder): Promise<unknown>;
  log(): Promise<LogAnswer>;
  /** Says why and hangs up. */
  refuse(error: RockpoolError): void;
  /**
   * Where another node has its socket: as that measures it. That node tells too when it hears nothing
   * from the container any more.
   */
  readonly roundTrip?: Pick<RoundTrip, 'minimumMs' | 'close'>;
}

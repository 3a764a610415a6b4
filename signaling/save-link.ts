import type {
  AssignAnswer,
  AssignRequest,
  ConfirmRequest,
  EndRequest,
} from '../protocol/container-messages.ts';
import type { Empty } from '../protocol/player-messages.ts';
import type { KnownContainer } from './container-link.ts';
import type { SaveDesk } from './save-desk.ts';
import { type ContainerSocket, SocketContainerLink } from './socket-container-link.ts';
import type { Timers } from './timers.ts';

/** A container at the other end of a socket, which learns with each session where its save is. */
export class SaveLink extends SocketContainerLink {
  readonly #desk: SaveDesk;

  constructor(socket: ContainerSocket, hello: KnownContainer, timers: Timers, desk: SaveDesk) {
    super(socket, hello, timers);
    this.#desk = desk;
  }

  override async assign(request: AssignRequest): Promise<AssignAnswer> {
    const save = await this.#desk.order(this.hello.containerId, request);
    return super.assign({ ...request, save });
  }

  override async confirm(request: ConfirmRequest): Promise<AssignAnswer> {
    const save = await this.#desk.order(this.hello.containerId, request);
    return super.confirm({ ...request, save });
  }

  override end(request: EndRequest): Promise<Empty> {
    const ended = super.end(request);
    this.#desk.handleEnding(request.sessionId, ended);
    return ended;
  }
}

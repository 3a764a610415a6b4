import type { BrowserControl, CursorMessage } from '../../protocol/control-messages.ts';
import type { RockpoolError } from '../../protocol/errors.ts';
import type { GameInfo } from '../../protocol/game-info.ts';
import type {
  Guest,
  GuestRights,
  GuestSeat,
  GuestStanding,
} from '../../protocol/guest-messages.ts';
import type { GuestId, InviteId, PlayerId } from '../../protocol/ids.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import {
  CONNECT_TIMEOUT_MS,
  type EndReason,
  INTERRUPTED_GRACE_MS,
} from '../../protocol/session-state.ts';
import type { Scheduler } from '../../renderer/clock.ts';
import type { GameInput, Rumble } from '../../renderer/game-runtime.ts';
import type { PeerState } from '../transport/peer.ts';
import { permittedInput } from './guest-input.ts';
import type { SharedInputs } from './shared-inputs.ts';
import type {
  StreamConnection,
  StreamConnectionListener,
  ViewerOrder,
  ViewerSecond,
} from './stream-connection.ts';
import { ViewerPace } from './viewer-pace.ts';

/** Losses and round trips from which on a game is seen to suffer, though it goes on. */
const FAIR_LOSS = 0.02;
const FAIR_RTT_MS = 150;

type Reach = Omit<ViewerOrder, 'role'>;

export interface SessionGuestOptions {
  readonly guestId: GuestId;
  readonly number: number;
  readonly playerId: PlayerId;
  readonly inviteId: InviteId;
  readonly player: GuestSeat;
  readonly rights: GuestRights;
  readonly game: GameInfo;
  readonly inputs: SharedInputs;
  readonly scheduler: Scheduler;
  /** The game waits: its player is not connected. */
  readonly isWaiting: () => boolean;
  /** The one shown now. */
  readonly cursor: () => CursorMessage;
  /** @throws RockpoolError `no-common-codec`. */
  connect(order: ViewerOrder, listener: StreamConnectionListener): StreamConnection;
  readonly listener: SessionGuestListener;
}

export interface SessionGuestListener {
  handleSignal(guestId: GuestId, attempt: number, payload: SessionSignal['payload']): void;
  /** What the session's player is told of this guest is another. */
  handleChange(): void;
  /** They left, or did not come back, or cannot be served: to be removed. */
  handleOver(guestId: GuestId, reason: EndReason): void;
}

/** One guest of a session over all their connections: their seat, their rights, what they hold. */
export class SessionGuest {
  readonly options: SessionGuestOptions;
  readonly #pace = new ViewerPace();
  #rights: GuestRights;
  #attempt = -1;
  #connection: StreamConnection | undefined;
  #state: Guest['state'] = 'connecting';
  #network: Guest['network'] = null;
  #cancelDeadline: () => void = () => undefined;
  #closed = false;

  constructor(options: SessionGuestOptions) {
    this.options = options;
    this.#rights = options.rights;
  }

  get attempt(): number {
    return this.#attempt;
  }

  describe(): Guest {
    const { guestId, number, player } = this.options;
    const [state, network] = [this.#state, this.#network];
    return { guestId, number, player, rights: this.#rights, state, network };
  }

  /** Another connection for them. @throws RockpoolError `no-common-codec`; the one before stays then. */
  connect(reach: Reach): void {
    const attempt = this.#attempt + 1;
    const role = this.options.player === null ? 'spectator' : 'player';
    const mine = (handle: () => void) => {
      if (connection === this.#connection) handle();
    };
    const connection: StreamConnection = this.options.connect(
      { ...reach, role },
      {
        handleState: (state) => mine(() => this.#handleState(state)),
        handleSignal: (payload) => this.#listener.handleSignal(this.#id, attempt, payload),
        handleInput: (input, receivedUs) => mine(() => this.#handleInput(input, receivedUs)),
        handleControl: (message) => mine(() => this.#handleControl(message)),
        handleControlOpen: () => mine(() => this.#greet(attempt > 0)),
        handleRate: () => undefined,
        handleFailure: (error) => mine(() => this.#handleFailure(error)),
      },
    );
    this.#letGo();
    void this.#connection?.close();
    this.#attempt = attempt;
    this.#connection = connection;
    this.#setState('connecting');
    this.#deadline(CONNECT_TIMEOUT_MS, 'connect-timeout');
    connection.open();
  }

  handleSignal(attempt: number, payload: SessionSignal['payload']): void {
    if (attempt === this.#attempt) this.#connection?.handleSignal(payload);
  }

  setRights(rights: GuestRights): void {
    if (rights === this.#rights) return;
    // What they may not hold any more they let go.
    this.#letGo();
    this.#rights = rights;
    this.tellStanding();
    this.#listener.handleChange();
  }

  /** What the game says of a pad of theirs; how strong it shakes is the browser's matter. */
  handleRumble({ pad, ...rumble }: Rumble): void {
    if (pad + 1 !== this.options.player) return;
    this.#connection?.sendControl({ type: 'rumble', pad: 0, ...rumble });
  }

  handleCursor(cursor: CursorMessage): void {
    this.#connection?.sendControl(cursor);
  }

  /** A second has passed. */
  handleSecond(): void {
    if (this.#state !== 'here') return;
    const second = this.#connection?.reportHealth();
    if (!second) return;
    if (this.#pace.handleSecond(second.made, second.sent)) this.tellStanding();
    const network = this.#judge(second);
    if (network === this.#network) return;
    this.#network = network;
    this.#listener.handleChange();
  }

  /** Tells them how they stand. */
  tellStanding(): void {
    const { player, isWaiting } = this.options;
    const [waiting, behind] = [isWaiting(), this.#pace.behind];
    const standing: GuestStanding = { player, rights: this.#rights, waiting, behind };
    this.#connection?.sendControl({ type: 'guest', ...standing });
  }

  /** Says why and hangs up. */
  async close(reason: EndReason): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelDeadline();
    this.#letGo();
    this.#connection?.sendControl({ type: 'bye', reason });
    await this.#connection?.close();
  }

  get #id(): GuestId {
    return this.options.guestId;
  }

  get #listener(): SessionGuestListener {
    return this.options.listener;
  }

  #letGo(): void {
    this.options.inputs.remove(this.#id);
  }

  #handleState(state: PeerState): void {
    if (this.#closed) return;
    if (state === 'connected') {
      this.#cancelDeadline();
      this.#setState('here');
      this.#connection?.requestKeyframe();
    } else if (state !== 'connecting' && this.#state === 'here') {
      this.#letGo();
      this.#setState('away');
      this.#deadline(INTERRUPTED_GRACE_MS, 'abandoned');
    }
  }

  #handleInput(input: GameInput, receivedUs: number): void {
    const permitted = permittedInput(input, this.options.player, this.#rights);
    if (permitted) this.options.inputs.handle(this.#id, permitted, receivedUs);
    else if (input.type !== 'release-all') this.#connection?.countRefused();
  }

  #handleControl(message: BrowserControl): void {
    switch (message.type) {
      case 'keyframe':
        this.#connection?.requestKeyframe();
        break;
      case 'bye':
        this.#over('player-left');
        break;
      case 'settings':
        this.#connection?.countRefused();
        break;
    }
  }

  #handleFailure(error: RockpoolError): void {
    const { code } = error;
    const isCodec = code === 'no-common-codec' || code === 'encoder-failed';
    this.#over(isCodec ? 'guest-codec' : 'connect-timeout');
  }

  #greet(resumed: boolean): void {
    this.#connection?.sendHello(this.options.game, resumed);
    this.#connection?.sendControl(this.options.cursor());
    this.tellStanding();
  }

  #judge({ fractionLost, rttMs = 0 }: ViewerSecond): Guest['network'] {
    if (this.#pace.behind) return 'poor';
    return fractionLost > FAIR_LOSS || rttMs > FAIR_RTT_MS ? 'fair' : 'good';
  }

  #deadline(delayMs: number, reason: EndReason): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.options.scheduler.after(delayMs, () => this.#over(reason));
  }

  #over(reason: EndReason): void {
    if (!this.#closed) this.#listener.handleOver(this.#id, reason);
  }

  #setState(state: Guest['state']): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#listener.handleChange();
  }
}

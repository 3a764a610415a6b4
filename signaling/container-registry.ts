import type {
  AssignAnswer,
  AssignRequest,
  ContainerHello,
  ContainerLoad,
  EndRequest,
  JoinRequest,
  ResumeRequest,
} from '../protocol/container-messages.ts';
import { RockpoolError } from '../protocol/errors.ts';
import type { ContainerId, GameId } from '../protocol/ids.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { Candidate } from './pairing.ts';
import { RoundTrip } from './round-trip.ts';
import type { Session, SessionRegistry } from './session-registry.ts';
import type { Timers } from './timers.ts';

/**
 * How long the sessions of a lost container are kept for it to come back with them, and how long
 * after a start of signaling the containers of before may take to re-join. Their back-off between
 * attempts is at most 5 s.
 */
export const REJOIN_GRACE_MS = 10_000;

/** What a container said on connecting, and the id that is its key's. */
export interface KnownContainer extends ContainerHello {
  readonly containerId: ContainerId;
}

/** The connection of one container as the rest of signaling sees it. Commands reject when it is lost. */
export interface ContainerLink {
  readonly hello: KnownContainer;
  assign(request: AssignRequest): Promise<AssignAnswer>;
  resume(request: ResumeRequest): Promise<AssignAnswer>;
  end(request: EndRequest): Promise<unknown>;
  signal(signal: SessionSignal): Promise<unknown>;
  echo(): Promise<unknown>;
  /** Says why and hangs up. */
  refuse(error: RockpoolError): void;
}

export interface ContainerRegistryListener {
  /** A lost container did not come back within its grace. */
  handleContainerGone(containerId: ContainerId): void;
}

interface Connected {
  readonly link: ContainerLink;
  readonly joined: JoinRequest;
  readonly games: ReadonlySet<GameId>;
  readonly codecs: Candidate['codecs'];
  readonly roundTrip: RoundTrip;
  /** Undefined until its first `load`: nothing is assigned before. */
  load: ContainerLoad | undefined;
  /** The sessions there were when it told its load. */
  told: ReadonlySet<Session>;
}

/** The containers that are joined, and those lost a moment ago. */
export class ContainerRegistry {
  readonly #sessions: SessionRegistry;
  readonly #timers: Timers;
  readonly #listener: ContainerRegistryListener;
  readonly #connected = new Map<ContainerId, Connected>();
  /** Cancels the end of the grace. */
  readonly #lost = new Map<ContainerId, () => void>();
  readonly #waiting = new Map<ContainerId, Set<() => void>>();
  readonly #startedMs: number;
  #closed = false;

  constructor(sessions: SessionRegistry, timers: Timers, listener: ContainerRegistryListener) {
    this.#sessions = sessions;
    this.#timers = timers;
    this.#listener = listener;
    this.#startedMs = timers.nowMs();
  }

  /** A newer connection of the same container replaces the older one, which is refused. */
  join(link: ContainerLink, joined: JoinRequest): void {
    const { containerId } = link.hello;
    const older = this.#connected.get(containerId);
    this.#lost.get(containerId)?.();
    this.#lost.delete(containerId);
    older?.roundTrip.close();
    this.#connected.set(containerId, {
      link,
      joined,
      games: new Set(joined.games.map((game) => game.id)),
      codecs: new Set(joined.encoders.map((encoder) => encoder.codec)),
      roundTrip: new RoundTrip(() => link.echo(), this.#timers),
      load: undefined,
      told: new Set(),
    });
    older?.link.refuse(
      new RockpoolError('unauthorised', 'A newer connection has joined as this container.'),
    );
    this.#wake(containerId);
  }

  /** Starts the grace of a container whose connection is lost. A replaced one changes nothing. */
  leave(link: ContainerLink): boolean {
    const { containerId } = link.hello;
    const connected = this.#connected.get(containerId);
    if (connected?.link !== link) return false;
    connected.roundTrip.close();
    this.#connected.delete(containerId);
    this.#lost.set(
      containerId,
      this.#timers.after(REJOIN_GRACE_MS, () => {
        this.#lost.delete(containerId);
        this.#listener.handleContainerGone(containerId);
        this.#wake(containerId);
      }),
    );
    return true;
  }

  load(link: ContainerLink, load: ContainerLoad): void {
    const { containerId } = link.hello;
    const connected = this.#connected.get(containerId);
    if (connected?.link !== link) return;
    connected.load = load;
    connected.told = new Set(this.#sessions.onContainer(containerId));
  }

  link(containerId: ContainerId): ContainerLink | undefined {
    return this.#connected.get(containerId)?.link;
  }

  /**
   * Resolves when the container is joined, or when there is no more reason to wait for it: it is
   * not in its grace, and signaling itself has not just started.
   */
  async untilJoined(containerId: ContainerId): Promise<void> {
    if (this.#connected.has(containerId)) return;
    const remainingMs = this.#startedMs + REJOIN_GRACE_MS - this.#timers.nowMs();
    const lost = this.#lost.has(containerId);
    if (this.#closed || (!lost && remainingMs <= 0)) return;
    const waiting = this.#waiting.get(containerId) ?? new Set();
    this.#waiting.set(containerId, waiting);
    await new Promise<void>((resolve) => {
      const cancel = lost ? () => {} : this.#timers.after(remainingMs, () => wake());
      const wake = () => {
        cancel();
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(containerId);
        resolve();
      };
      waiting.add(wake);
    });
  }

  candidates(): Candidate[] {
    return [...this.#connected.values()].map((connected) => ({
      containerId: connected.link.hello.containerId,
      standby: connected.load?.state === 'standby',
      freeSlots: this.#freeSlots(connected),
      games: connected.games,
      codecs: connected.codecs,
      roundTripMs: connected.roundTrip.minimumMs,
    }));
  }

  /** What the joined containers offer, for the library. */
  *joined(): Generator<{ readonly games: JoinRequest['games']; readonly freeSlots: number }> {
    for (const connected of this.#connected.values()) {
      const standby = connected.load?.state === 'standby';
      yield {
        games: connected.joined.games,
        freeSlots: standby ? this.#freeSlots(connected) : 0,
      };
    }
  }

  hasGame(link: ContainerLink, gameId: GameId): boolean {
    return this.#connected.get(link.hello.containerId)?.games.has(gameId) ?? false;
  }

  /** Whether some container has come so far as to take sessions; a full one has. */
  get ready(): boolean {
    return [...this.#connected.values()].some(
      ({ load, joined }) => load !== undefined && load.state !== 'draining' && joined.slots > 0,
    );
  }

  close(): void {
    this.#closed = true;
    for (const { roundTrip } of this.#connected.values()) roundTrip.close();
    for (const cancel of this.#lost.values()) cancel();
    for (const containerId of [...this.#waiting.keys()]) this.#wake(containerId);
    this.#connected.clear();
    this.#lost.clear();
  }

  /**
   * The container's own figure may be lower than its slots, where it measured that it sustains
   * fewer; sessions assigned since it was told come off it.
   */
  #freeSlots({ link, joined, load, told }: Connected): number {
    const sessions = this.#sessions.onContainer(link.hello.containerId);
    const untold = sessions.filter((session) => !told.has(session)).length;
    return Math.max(0, Math.min((load?.freeSlots ?? 0) - untold, joined.slots - sessions.length));
  }

  #wake(containerId: ContainerId): void {
    for (const wake of [...(this.#waiting.get(containerId) ?? [])]) wake();
  }
}

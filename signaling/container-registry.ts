import type { WarmBuilds } from '../protocol/build-order.ts';
import { type Capacity, without } from '../protocol/capacity.ts';
import {
  type ContainerLoad,
  type JoinRequest,
  LOAD_INTERVAL_MS,
} from '../protocol/container-messages.ts';
import { RockpoolError } from '../protocol/errors.ts';
import type { ContainerId, GameId } from '../protocol/ids.ts';
import type { ContainerLink } from './container-link.ts';
import type { Candidate, OfferedGame, RecentQuality } from './indexer/candidate.ts';
import type { OfferKey } from './indexer/offer-key.ts';
import { Refusals } from './refusals.ts';
import { RoundTrip } from './round-trip.ts';
import type { Session, SessionRegistry } from './session-registry.ts';
import type { Timers } from './timers.ts';

/**
 * How long the sessions of a lost container are kept for it to come back with them, and how long
 * after a start of signaling the containers of before may take to re-join. Their back-off between
 * attempts is at most 5 s.
 */
export const REJOIN_GRACE_MS = 10_000;

/** A container that missed three heartbeats is not asked before it tells its load again. */
export const LOAD_VALID_MS = 3 * LOAD_INTERVAL_MS;

/** Hears of every connection, this node's and others', and of what is told over it. */
export interface ContainerObserver {
  handleJoined(link: ContainerLink, joined: JoinRequest): void;
  /** @param load undefined where nothing has been heard for long. */
  handleLoad(
    link: ContainerLink,
    load: ContainerLoad | undefined,
    roundTripMs: number | undefined,
  ): void;
  /** It has other builds of studios on its disk than it told before. */
  handleWarmBuilds(link: ContainerLink, told: WarmBuilds): void;
  handleLeft(link: ContainerLink): void;
}

/** A connection of a container, and what was told over it. */
export interface ContainerAccount {
  readonly link: ContainerLink;
  readonly joined: JoinRequest;
  readonly load: ContainerLoad | undefined;
  readonly roundTripMs: number | undefined;
}

export interface ContainerRegistryListener {
  /** A container, or what it has room for, is another than before. */
  handleCandidate(candidate: Candidate): void;
  /** No session can be given to it any more. */
  handleCandidateGone(containerId: ContainerId): void;
  /** A lost container did not come back within its grace. */
  handleContainerGone(containerId: ContainerId): void;
  /** Whether a lost container may be there for others, which cannot be heard: then it is kept for longer. */
  isCutOff?(): boolean;
}

/** How the sessions of a container went lately. */
export type QualityOf = (containerId: ContainerId) => RecentQuality | undefined;

/** A container that is there now. */
export interface JoinedContainer {
  readonly candidate: Candidate;
  readonly joined: JoinRequest;
  /** When its connection was made, by the timers' clock. */
  readonly joinedMs: number;
}

interface Connected {
  readonly link: ContainerLink;
  /** With the builds that it has on its disk by now. */
  joined: JoinRequest;
  readonly games: Candidate['games'];
  readonly codecs: Candidate['codecs'];
  readonly roundTrip: Pick<RoundTrip, 'minimumMs' | 'close'>;
  readonly refusals: Refusals;
  readonly joinedMs: number;
  /** Undefined until its first `load`, and when it has not told any for long. */
  load: ContainerLoad | undefined;
  /** The sessions there were when it told its load. */
  told: ReadonlySet<Session>;
  cancelStale: () => void;
}

/** The containers that are joined, and those lost a moment ago. */
export class ContainerRegistry {
  readonly #sessions: SessionRegistry;
  readonly #timers: Timers;
  readonly #listener: ContainerRegistryListener;
  readonly #qualityOf: QualityOf;
  readonly #connected = new Map<ContainerId, Connected>();
  /** Cancels the end of the grace. */
  readonly #lost = new Map<ContainerId, () => void>();
  readonly #waiting = new Map<ContainerId, Set<() => void>>();
  readonly #startedMs: number;
  #observer: ContainerObserver | undefined;
  #closed = false;

  constructor(
    sessions: SessionRegistry,
    timers: Timers,
    qualityOf: QualityOf,
    listener: ContainerRegistryListener,
  ) {
    this.#sessions = sessions;
    this.#timers = timers;
    this.#qualityOf = qualityOf;
    this.#listener = listener;
    this.#startedMs = timers.nowMs();
    sessions.watch((containerId) => this.#tell(containerId));
  }

  observe(observer: ContainerObserver): void {
    this.#observer = observer;
  }

  /** A newer connection of the same container replaces the older one, which is refused. */
  join(link: ContainerLink, joined: JoinRequest): void {
    const { containerId } = link.hello;
    const older = this.#connected.get(containerId);
    this.#lost.get(containerId)?.();
    this.#lost.delete(containerId);
    if (older) stop(older);
    this.#connected.set(containerId, {
      link,
      joined,
      games: new Map(joined.games.map(ownOffer)),
      codecs: new Set(joined.encoders.map((encoder) => encoder.codec)),
      roundTrip:
        link.roundTrip ??
        new RoundTrip(
          () => link.echo(),
          this.#timers,
          () => this.#handleMeasured(link),
        ),
      refusals: new Refusals(this.#timers, () => this.#tell(containerId)),
      joinedMs: this.#timers.nowMs(),
      load: undefined,
      told: new Set(),
      cancelStale: () => {},
    });
    older?.link.refuse(
      new RockpoolError('unauthorised', 'A newer connection has joined as this container.'),
    );
    this.#observer?.handleJoined(link, joined);
    this.#tell(containerId);
    this.#wake(containerId);
  }

  /** Starts the grace of a container whose connection is lost. A replaced one changes nothing. */
  leave(link: ContainerLink): boolean {
    const { containerId } = link.hello;
    const connected = this.#connected.get(containerId);
    if (connected?.link !== link) return false;
    stop(connected);
    this.#connected.delete(containerId);
    this.#observer?.handleLeft(link);
    this.#listener.handleCandidateGone(containerId);
    this.#keepLost(containerId);
    return true;
  }

  /** @param load undefined where the node that has its socket has not heard any for long. */
  load(link: ContainerLink, load: ContainerLoad | undefined): void {
    const { containerId } = link.hello;
    const connected = this.#connected.get(containerId);
    if (connected?.link !== link) return;
    connected.load = load;
    connected.told = new Set(this.#sessions.onContainer(containerId));
    connected.cancelStale();
    // Of the others their own nodes tell.
    if (!link.roundTrip) {
      connected.cancelStale = this.#timers.after(LOAD_VALID_MS, () => {
        connected.load = undefined;
        this.#tellLoad(connected);
      });
    }
    this.#tellLoad(connected);
  }

  /** A container has other builds of studios on its disk than before. */
  handleWarmBuilds(link: ContainerLink, { warm }: WarmBuilds): void {
    const connected = this.#connected.get(link.hello.containerId);
    if (connected?.link !== link) return;
    const { joined } = connected;
    connected.joined = { ...joined, builds: { ...joined.builds, warm } };
    this.#observer?.handleWarmBuilds(link, { warm });
    this.#tell(link.hello.containerId);
  }

  /** A container took a session, or did not though it said that it has room. */
  handleAnswer(containerId: ContainerId, took: boolean): void {
    const refusals = this.#connected.get(containerId)?.refusals;
    if (took) refusals?.clear();
    else refusals?.add();
  }

  /**
   * A container does not answer, though it is there: nobody else is to wait for it.
   * @returns to be called when it has answered, or never will.
   */
  handleLate(containerId: ContainerId): () => void {
    return this.#connected.get(containerId)?.refusals.owe() ?? (() => {});
  }

  /** What a container last told of its room: the same object until it tells another. */
  loadOf(containerId: ContainerId): ContainerLoad | undefined {
    return this.#connected.get(containerId)?.load;
  }

  /** Every connection there is. */
  *links(): Generator<ContainerAccount> {
    for (const { link, joined, load, roundTrip } of this.#connected.values()) {
      yield { link, joined, load, roundTripMs: roundTrip.minimumMs };
    }
  }

  link(containerId: ContainerId): ContainerLink | undefined {
    return this.#connected.get(containerId)?.link;
  }

  /** Whether its connection broke a moment ago, and it has not come back. */
  isLost(containerId: ContainerId): boolean {
    return this.#lost.has(containerId);
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

  /** The joined containers, for the library and the pages of the pool. */
  *joined(): Generator<JoinedContainer> {
    for (const connected of this.#connected.values()) {
      const { joined, joinedMs } = connected;
      yield { candidate: this.#candidate(connected), joined, joinedMs };
    }
  }

  /** A joined container; undefined where it is not connected. */
  find(
    containerId: ContainerId,
  ): { readonly candidate: Candidate; readonly joined: JoinRequest } | undefined {
    const connected = this.#connected.get(containerId);
    return connected && { candidate: this.#candidate(connected), joined: connected.joined };
  }

  /** Whether a container has a game of its own. */
  hasGame(link: ContainerLink, gameId: GameId): boolean {
    const games = this.#connected.get(link.hello.containerId)?.joined.games;
    return games?.some(({ id }) => id === gameId) ?? false;
  }

  /** Whether some container has come so far as to take sessions; a full one has. */
  get ready(): boolean {
    return [...this.#connected.values()].some(
      ({ load, joined }) => load !== undefined && load.state !== 'draining' && joined.slots > 0,
    );
  }

  close(): void {
    this.#closed = true;
    for (const connected of this.#connected.values()) stop(connected);
    for (const cancel of this.#lost.values()) cancel();
    for (const containerId of [...this.#waiting.keys()]) this.#wake(containerId);
    this.#connected.clear();
    this.#lost.clear();
  }

  #keepLost(containerId: ContainerId): void {
    const cancel = this.#timers.after(REJOIN_GRACE_MS, () => {
      if (this.#listener.isCutOff?.()) {
        this.#keepLost(containerId);
        return;
      }
      this.#lost.delete(containerId);
      this.#listener.handleContainerGone(containerId);
      this.#wake(containerId);
    });
    this.#lost.set(containerId, cancel);
  }

  #handleMeasured(link: ContainerLink): void {
    const connected = this.#connected.get(link.hello.containerId);
    if (connected?.link === link) this.#tellLoad(connected);
  }

  #tellLoad({ link, load, roundTrip }: Connected): void {
    this.#observer?.handleLoad(link, load, roundTrip.minimumMs);
    this.#tell(link.hello.containerId);
  }

  #tell(containerId: ContainerId): void {
    const connected = this.#connected.get(containerId);
    if (connected) this.#listener.handleCandidate(this.#candidate(connected));
  }

  #candidate(connected: Connected): Candidate {
    const { link, joined, games, codecs, roundTrip } = connected;
    const { containerId, name, region } = link.hello;
    return {
      containerId,
      name,
      region,
      state: stateOf(connected),
      games,
      builds: joined.builds,
      codecs,
      gpu: joined.gpu.kind,
      capacity: joined.capacity,
      slots: joined.slots,
      ...this.#room(connected),
      pricePerHour: joined.pricePerHour,
      roundTripMs: roundTrip.minimumMs,
      quality: this.#qualityOf(containerId),
    };
  }

  /**
   * The container's own account, less what was assigned since it was told. It may have less room than
   * its slots say.
   */
  #room({ link, joined, load, told }: Connected): { free: Capacity; freeSlots: number } {
    const sessions = this.#sessions.onContainer(link.hello.containerId);
    const untold = sessions.filter((session) => !told.has(session));
    let free = load?.free ?? NOTHING;
    for (const { needs } of untold) if (needs) free = without(free, needs);
    const freeSlots = Math.min(
      (load?.freeSlots ?? 0) - untold.length,
      joined.slots - sessions.length,
    );
    return { free, freeSlots: Math.max(0, freeSlots) };
  }

  #wake(containerId: ContainerId): void {
    for (const wake of [...(this.#waiting.get(containerId) ?? [])]) wake();
  }
}

function ownOffer({
  id,
  needs,
  needsGpu,
  players,
}: JoinRequest['games'][number]): [OfferKey, OfferedGame] {
  // Every game that a container tells of as its own lies on its disk.
  return [id, { needs, needsGpu, players, warm: true }];
}

const NOTHING: Capacity = { pixelsPerSecond: 0, cpus: 0, memoryBytes: 0, gpuMemoryBytes: 0 };

function stop({ roundTrip, refusals, cancelStale }: Connected): void {
  roundTrip.close();
  refusals.close();
  cancelStale();
}

function stateOf({ load, refusals }: Connected): Candidate['state'] {
  if (!load) return 'joining';
  if (refusals.quarantined && load.state === 'standby') return 'quarantined';
  return load.state;
}

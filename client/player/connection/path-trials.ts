import type { SessionId } from '../../../protocol/ids.ts';
import type { TriedContainer, TriedPath } from '../../../protocol/path-trial.ts';
import type { SessionSignal } from '../../../protocol/session-signal.ts';
import { Deadline } from '../deadline.ts';
import type { Ice, OpenPeer } from '../media/player-peer.ts';
import type { Scheduler } from '../scheduler.ts';
import type { PathMemory } from './path-memory.ts';
import { PathRace } from './path-race.ts';
import type { SignalingConnection } from './signaling-connection.ts';
import { TriedPeer } from './tried-peer.ts';

export interface PathTrialsOptions {
  readonly scheduler: Scheduler;
  readonly openPeer: OpenPeer;
  readonly paths: PathMemory;
  readonly signaling: () => Pick<SignalingConnection, 'ready' | 'request'>;
}

/** Connects to several containers at once and measures which is near. One of them becomes the session. */
export class PathTrials {
  readonly #options: PathTrialsOptions;
  readonly #look: Deadline;
  #candidates: readonly TriedContainer[] = [];
  #peers = new Map<SessionId, TriedPeer>();
  #race: PathRace | undefined;
  #resolve: (paths: TriedPath[]) => void = () => {};

  constructor(options: PathTrialsOptions) {
    this.#options = options;
    this.#look = new Deadline(options.scheduler);
  }

  /** What was measured until the nearest was certain enough; never settles where it is closed before. */
  measure(candidates: readonly TriedContainer[], ice: Ice): Promise<TriedPath[]> {
    this.close();
    this.#candidates = candidates;
    const handicaps = candidates.map(
      ({ sessionId, handicapMs }) => [sessionId, handicapMs] as const,
    );
    const race = new PathRace(new Map(handicaps), this.#options.scheduler.now());
    this.#race = race;
    this.#peers = new Map(
      candidates.map(({ sessionId }) => [sessionId, this.#try(sessionId, race, ice)]),
    );
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#judge();
    });
  }

  /** @returns whether it is of a container that is tried here. */
  handleSignal(signal: SessionSignal): boolean {
    const peer = this.#peers.get(signal.sessionId);
    peer?.handleSignal(signal);
    return peer !== undefined;
  }

  /** A container does not take part, or not any more. */
  handleGone(sessionId: SessionId): void {
    const peer = this.#peers.get(sessionId);
    if (!peer) return;
    this.#peers.delete(sessionId);
    peer.close();
    this.#race?.handleGone(sessionId);
    this.#judge();
  }

  /** The connection of what became the session, if it was tried here; the others are closed. */
  take(sessionId: SessionId): TriedPeer | undefined {
    const peer = this.#peers.get(sessionId);
    this.#peers.delete(sessionId);
    this.close();
    return peer;
  }

  close(): void {
    this.#race = undefined;
    this.#look.cancel();
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
  }

  #try(sessionId: SessionId, race: PathRace, ice: Ice): TriedPeer {
    const { scheduler, openPeer, signaling } = this.#options;
    return new TriedPeer({
      sessionId,
      scheduler,
      ice,
      openPeer,
      isRelayed: () => signaling().ready,
      request: (signal) => signaling().request('signal', signal),
      listener: {
        handleAnswered: () => race.handleAnswered(sessionId, scheduler.now()),
        handleOpen: () => race.handleOpen(sessionId, scheduler.now()),
        handlePong: (roundTripMs) => {
          race.handlePong(sessionId, roundTripMs);
          this.#judge();
        },
        handleCheck: (roundTripMs) => {
          race.handleCheck(sessionId, roundTripMs);
          this.#judge();
        },
        handleLost: () => {
          race.handleGone(sessionId);
          this.#judge();
        },
      },
    });
  }

  #judge(): void {
    const race = this.#race;
    if (!race) return;
    const nowMs = this.#options.scheduler.now();
    const lookMs = race.nextLookMs(nowMs);
    if (lookMs !== undefined) {
      this.#look.set(lookMs - nowMs, () => this.#judge());
      return;
    }
    this.#race = undefined;
    this.#look.cancel();
    const { paths } = race;
    this.#options.paths.remember(
      this.#candidates.flatMap(({ sessionId, containerId }) => {
        const path = paths.find((one) => one.sessionId === sessionId);
        return path ? [{ containerId, roundTripMs: path.roundTripMs }] : [];
      }),
    );
    this.#resolve(paths);
  }
}

import { Candidate, Connection, candidateFromIce, candidateToSdp } from 'werift';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import { IcePath } from './ice-path.ts';
import type { IceDescription } from './offer-answer.ts';

const TICK_MS = 250;

/** What the browser still has under way on the old path arrives within this. */
const LINGER_MS = 3000;

/** More than a browser with many networks has; each costs checks. */
const MAX_REMOTE_CANDIDATES = 64;

/** Candidates that may come before the answer they belong to. */
const MAX_EARLY_CANDIDATES = 32;

export interface RestartableIceOptions {
  /** Gather candidates before {@link RestartableIce.restart} returns; there are no servers to ask. */
  readonly gatherFirst: boolean;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A candidate of a restart gathered later, from the foundation on. */
  handleCandidate(candidate: string): void;
}

interface Restart {
  readonly path: IcePath;
  readonly early: { readonly ufrag: string; readonly candidate: string }[];
  answered: boolean;
}

/**
 * ICE that can be restarted while DTLS, SRTP and SCTP go on (RFC 8445 §2.4). werift forgets the path
 * it has as soon as a restart is wished for, and does not look for another once DTLS is up. Here a
 * restart is a connection of its own beside the first: datagrams go over the old path until the new
 * one stands, and the first connection, which the upper layers hold, hears what comes in on either.
 */
export class RestartableIce {
  readonly #first: Connection;
  readonly #options: RestartableIceOptions;
  readonly #closing = new Set<Promise<void>>();
  #generation = 0;
  #path: IcePath;
  #restart: Restart | undefined;
  #lingering: { readonly connection: Connection; readonly cancel: () => void } | undefined;
  #cancelTick: (() => void) | undefined;

  /** Takes over `first`, before it gathers candidates. */
  constructor(first: Connection, options: RestartableIceOptions) {
    this.#first = first;
    this.#options = options;
    this.#path = new IcePath(first, options.clock);
    const { send } = first;
    first.send = async (datagram) => {
      // Until there is a path the handshake is werift's own business.
      if (this.#cancelTick) this.#path.send(datagram);
      else await send(datagram);
    };
  }

  /** Call when DTLS is connected: from now on the path is watched. */
  start(): void {
    const { scheduler } = this.#options;
    const tick = (): void => {
      this.#path.tick();
      this.#cancelTick = scheduler.after(TICK_MS, tick);
    };
    tick();
  }

  get remoteAddress(): string | undefined {
    return this.#path.remoteAddress;
  }

  send(datagram: Buffer): void {
    this.#path.send(datagram);
  }

  /** Whether a restart was offered and not answered. */
  get unanswered(): boolean {
    return this.#restart?.answered === false;
  }

  /**
   * Opens new sockets with new credentials. One that was under way is given up.
   * @returns what to offer; generations count from 1.
   */
  async restart(): Promise<IceDescription & { readonly generation: number }> {
    this.#giveUp();
    const { gatherFirst } = this.#options;
    const connection = new Connection(true, this.#first.options);
    this.#generation++;
    connection.generation = this.#generation;
    if (gatherFirst) delete connection.stunServer;
    const restart: Restart = {
      path: new IcePath(connection, this.#options.clock),
      early: [],
      answered: false,
    };
    this.#restart = restart;
    connection.onData.subscribe((datagram) => this.#first.onData.execute(datagram));
    if (gatherFirst) {
      await connection.gatherCandidates();
    } else {
      connection.onIceCandidate.subscribe((candidate) =>
        this.#options.handleCandidate(candidateToSdp(candidateFromIce(candidate))),
      );
      connection.gatherCandidates().catch(() => {});
    }
    return {
      generation: connection.generation,
      ufrag: connection.localUsername,
      password: connection.localPassword,
      candidates: gatherFirst
        ? connection.localCandidates.map((one) => candidateToSdp(candidateFromIce(one)))
        : [],
    };
  }

  /** What the far side answered to the last {@link restart}; the path moves when the new one stands. */
  answer(remote: IceDescription): void {
    const restart = this.#restart;
    if (!restart || restart.answered) return;
    restart.answered = true;
    const { connection } = restart.path;
    connection.setRemoteParams({
      iceLite: false,
      usernameFragment: remote.ufrag,
      password: remote.password,
    });
    for (const candidate of remote.candidates) addCandidate(connection, candidate);
    for (const { ufrag, candidate } of restart.early.splice(0)) {
      if (ufrag === remote.ufrag) addCandidate(connection, candidate);
    }
    connection
      .connect()
      .then(() => this.#switchTo(restart))
      // Given up, by another restart or by close().
      .catch(() => {});
  }

  /** @returns whether the candidate belongs to a restart, or to nothing at all any more. */
  addRemoteCandidate(candidate: string): boolean {
    const [, ufrag] = / ufrag (\S+)/.exec(candidate) ?? [];
    const restart = this.#restart;
    if (restart?.answered === false && ufrag !== undefined) {
      if (ufrag === this.#path.connection.remoteUsername) return this.#addToCurrent(candidate);
      if (restart.early.length < MAX_EARLY_CANDIDATES) restart.early.push({ ufrag, candidate });
      return true;
    }
    if (restart?.answered) {
      const { connection } = restart.path;
      if (ufrag === undefined || ufrag === connection.remoteUsername) {
        addCandidate(connection, candidate);
      }
      return true;
    }
    return this.#addToCurrent(candidate, ufrag);
  }

  async close(): Promise<void> {
    this.#cancelTick?.();
    this.#giveUp();
    this.#endLingering();
    if (this.#path.connection !== this.#first) this.#close(this.#path.connection);
    await Promise.all(this.#closing);
  }

  /** The first connection's candidates are werift's own business. */
  #addToCurrent(candidate: string, ufrag?: string): boolean {
    const { connection } = this.#path;
    if (connection === this.#first) return false;
    if (ufrag === undefined || ufrag === connection.remoteUsername) {
      addCandidate(connection, candidate);
    }
    return true;
  }

  #switchTo(restart: Restart): void {
    if (this.#restart !== restart) return;
    this.#endLingering();
    const old = this.#path.connection;
    this.#path = restart.path;
    this.#restart = undefined;
    const cancel = this.#options.scheduler.after(LINGER_MS, () => this.#endLingering());
    this.#lingering = { connection: old, cancel };
  }

  #giveUp(): void {
    if (this.#restart) this.#close(this.#restart.path.connection);
    this.#restart = undefined;
  }

  #endLingering(): void {
    this.#lingering?.cancel();
    if (this.#lingering) this.#close(this.#lingering.connection);
    this.#lingering = undefined;
  }

  #close(connection: Connection): void {
    const closed = connection.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}

/** @param text as in `a=candidate`; what makes no sense is ignored. */
function addCandidate(connection: Connection, text: string): void {
  if (connection.remoteCandidates.length >= MAX_REMOTE_CANDIDATES) return;
  try {
    const candidate = Candidate.fromSdp(text.replace(/^candidate:/, ''));
    // The browser counts generations from its own first; the credentials tell them apart.
    delete candidate.generation;
    connection.addRemoteCandidate(candidate).catch(() => {});
  } catch {
    // Too short to be a candidate.
  }
}

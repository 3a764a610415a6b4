import { type Candidate, CandidatePairState, type Connection, StunProtocol } from 'werift';
import type { Clock } from '../../renderer/clock.ts';
import { filterStrangers, type IceProtocol, type Source } from './stranger-filter.ts';

type CandidatePair = Connection['checkList'][number];

/**
 * A browser that receives media reports on it every 50 to 250 ms. After this without a word the path
 * is asked whether it is still there.
 */
const SILENT_US = 500_000;

/**
 * After this the other pairs are tried as well. The check of the silent one has been sent five times
 * by then, 50 to 400 ms apart: it answers if its round trip is anything to play on.
 */
const DEAD_US = 1_250_000;

/** Consent to send ends so long after the last word from the far side (RFC 7675 §5.1). */
const CONSENT_US = 30_000_000;

/** The agents' candidates paired: a player with three networks against a machine with as many. */
const MAX_CHECKED_PAIRS = 24;

/**
 * One ICE connection and the pair of addresses that datagrams go over. werift keeps to the pair it
 * nominated until consent expires; this one moves to another that answers when the pair falls
 * silent: the network it belonged to is gone, or a NAT on it has changed its mind.
 */
export class IcePath {
  readonly connection: Connection;
  readonly #clock: Clock;
  /** TURN clients that are listened to: they do not say where a datagram comes from. */
  readonly #relays = new WeakSet<IceProtocol>();
  #pair: CandidatePair | undefined;
  /** Of the pair, where it is one of plain UDP. */
  #socket: StunProtocol['transport'] | undefined;
  #port = 0;
  #host = '';
  #heardUs = 0;
  #consent = true;

  constructor(connection: Connection, clock: Clock) {
    this.connection = connection;
    this.#clock = clock;
    filterStrangers(connection, (protocol, source) => this.#hear(protocol, source));
    connection.onIceCandidate.subscribe(() => {
      // Its socket opened behind the back of close().
      if (connection.state === 'closed') connection.close().catch(() => {});
      else pairWithKnown(connection);
    });
  }

  /** Undefined until ICE has nominated a pair. */
  get remoteAddress(): string | undefined {
    this.#follow();
    return this.#pair && this.#host;
  }

  /** Hands one datagram to the network. What cannot be sent is lost, as it might be later on. */
  send(datagram: Buffer): void {
    this.#follow();
    if (!this.#pair || !this.#consent) return;
    if (!this.#socket) {
      this.#pair.protocol.sendData(datagram, this.#pair.remoteAddr).catch(() => {});
    } else if (!this.#socket.closed) {
      // Past werift's three promises a datagram. Without a callback errors are ignored.
      this.#socket.socket.send(datagram, this.#port, this.#host);
    }
  }

  /** To be called about every quarter of a second. */
  tick(): void {
    this.#follow();
    const pair = this.#pair;
    if (!pair) return;
    const silentUs = this.#clock.nowUs() - this.#heardUs;
    this.#consent = silentUs < CONSENT_US && this.connection.state !== 'failed';
    if (silentUs < SILENT_US) return;
    if (silentUs < DEAD_US) {
      this.#check(pair);
      return;
    }
    // From now on the first pair that answers is the nominated one.
    if (this.connection.nominated) this.connection.resetNominatedPair();
    for (const other of this.connection.checkList.slice(0, MAX_CHECKED_PAIRS)) this.#check(other);
  }

  #follow(): void {
    const { nominated } = this.connection;
    if (!nominated || nominated === this.#pair) return;
    const { protocol, remoteAddr } = nominated;
    this.#pair = nominated;
    this.#socket = protocol instanceof StunProtocol ? protocol.transport : undefined;
    [this.#host, this.#port] = remoteAddr;
    this.#heardUs = this.#clock.nowUs();
    this.#consent = true;
    if (this.#socket || this.#relays.has(protocol)) return;
    this.#relays.add(protocol);
    protocol.onDataReceived.subscribe(() => {
      if (this.#pair?.protocol === protocol) this.#heardUs = this.#clock.nowUs();
    });
  }

  #hear(protocol: IceProtocol, [host, port]: Source): void {
    if (protocol !== this.#pair?.protocol || port !== this.#port || host !== this.#host) return;
    this.#heardUs = this.#clock.nowUs();
  }

  #check(pair: CandidatePair): void {
    if (pair.state === CandidatePairState.IN_PROGRESS) return;
    this.connection
      .checkStart(pair)
      .awaitable.then(() => {
        if (pair === this.#pair && pair.state === CandidatePairState.SUCCEEDED)
          this.#heardUs = this.#clock.nowUs();
      })
      .catch(() => {});
  }
}

/**
 * An address at a TURN server takes a moment to get, and the far side's candidates may be here by then.
 * werift pairs such an address with those alone that come later: with the others nothing would ever be
 * tried, though there may be no other way.
 */
function pairWithKnown(connection: Connection): void {
  const pairing = connection as unknown as { pairRemoteCandidate(remote: Candidate): void };
  for (const remote of connection.remoteCandidates) pairing.pairRemoteCandidate(remote);
}

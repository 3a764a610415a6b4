import type { CongestionControl, TransportReport } from './congestion/congestion-control.ts';
import { OvertakenPackets } from './overtaken-packets.ts';
import { PacketHistory, type VideoPacket } from './packet-history.ts';
import { rtpWireBytes } from './rtp-packet.ts';
import { SpareBudget } from './spare-budget.ts';

/** What the round trip is taken to be until it was measured: a distant player's. */
const INITIAL_RTT_US = 100_000;

/** Within this, NACKs for one packet come from one look at the same gap, however near the player. */
const MIN_RESEND_INTERVAL_US = 5_000;

/**
 * Of the target: repairs up to a loss of one packet in four. On a path that loses more, what is
 * sent again only adds to the cause.
 */
const MAX_SHARE = 0.25;

/** A second's share unused may be spent at once: that repairs an outage of a quarter of a second. */
const SAVED_US = 1_000_000;

/** Even at the lowest rate one burst of losses can be repaired: 20 packets. */
const MIN_SAVED_BYTES = 24_000;

/** libwebrtc never misses more than 1000 packets at a time; more in one compound is no receiver. */
const MAX_NACKS_PER_COMPOUND = 1000;

/** Times what packets are overtaken by: feedback on its way back is overtaken, too. */
const PATIENCE = 1.5;

/** Receivers report on what arrived about every 50 ms: half of it is waited on average. */
const REPORT_INTERVAL_MS = 25;

/** Where a retransmitter reports. Calls never throw. */
export interface RetransmitterListener {
  /** Send it again. */
  handleResend(packet: VideoPacket): void;
  /** It has left history: only a keyframe helps. */
  handleLostForGood(): void;
}

/** Counts since the retransmitter was made. */
export interface RetransmitterCounters {
  /** Packets asked for. */
  readonly nackedPackets: number;
  readonly retransmittedPackets: number;
  /** Asked for and not sent again: too many at once, or never sent at all. */
  readonly ignoredNacks: number;
  /** Asked for when they had left history. */
  readonly lostForGood: number;
}

/** A packet that is missing, but perhaps only overtaken. */
interface Missed {
  readonly packet: VideoPacket;
  /** When that left which is missing: what is sent again later is another matter. */
  readonly leftUs: number;
}

/**
 * Answers NACKs from the history of what was sent (RFC 4585 §6.2.1): each packet at most once a
 * round trip, and all together within a share of the target.
 *
 * Where packets overtake one another, most of what is asked for arrives by itself, and only a report
 * tells which: 60 ms later on a radio of 30 ms. While the path has bits to spare, a packet is sent
 * again at once on the guess that it is lost; otherwise it is held until that is known.
 */
export class Retransmitter {
  readonly #congestion: CongestionControl;
  readonly #listener: RetransmitterListener;
  readonly #history = new PacketHistory();
  readonly #overtaken = new OvertakenPackets();
  readonly #spare = new SpareBudget();
  readonly #sentBps: (nowUs: number) => number;
  #held: Missed[] = [];
  #savedBytes = 0;
  #savedAtUs = Number.NEGATIVE_INFINITY;
  #leftInCompound = 0;
  #nackedPackets = 0;
  #retransmittedPackets = 0;
  #ignoredNacks = 0;
  #lostForGood = 0;

  /** @param sentBps bits a second that leave on the wire, everything together. */
  constructor(
    congestion: CongestionControl,
    listener: RetransmitterListener,
    sentBps: (nowUs: number) => number,
  ) {
    this.#congestion = congestion;
    this.#listener = listener;
    this.#sentBps = sentBps;
  }

  get counters(): RetransmitterCounters {
    return {
      nackedPackets: this.#nackedPackets,
      retransmittedPackets: this.#retransmittedPackets,
      ignoredNacks: this.#ignoredNacks,
      lostForGood: this.#lostForGood,
    };
  }

  /** How long a packet that is asked for is waited for before it is sent again, milliseconds. */
  get patienceMs(): number {
    if (!this.#overtaken.frequent) return 0;
    return (PATIENCE * this.#overtaken.delayUs) / 1000 + REPORT_INTERVAL_MS;
  }

  /** Keeps a packet that has just left. */
  handleSent(packet: VideoPacket): void {
    this.#history.add(packet);
  }

  /** A compound packet is about to be read: what it may ask for is counted anew. */
  beginCompound(nowUs: number): void {
    this.#leftInCompound = MAX_NACKS_PER_COMPOUND;
    this.#save(nowUs);
  }

  /**
   * @param seq the first missing packet; @param mask which of the 16 after it are missing too.
   * @param rttMs undefined where it is not known yet.
   */
  handleNack(seq: number, mask: number, nowUs: number, rttMs: number | undefined): void {
    this.#request(seq, nowUs, rttMs);
    for (let rest = mask, next = seq + 1; rest !== 0; rest >>>= 1, next++) {
      if (rest & 1) this.#request(next & 0xffff, nowUs, rttMs);
    }
  }

  /**
   * What arrived is not sent again, however it was missed; where packets overtake one another, what was
   * asked for is sent once it is late for more than that; and what is missing without having been asked
   * for is sent unasked: a NACK gets lost like any packet, and so does what is sent again, for which a
   * browser asks anew only after 100 ms.
   */
  handleReport(report: TransportReport, rttMs: number | undefined): void {
    this.#save(report.atUs);
    this.#overtaken.handleReport(report);
    const { delayUs, frequent } = this.#overtaken;
    // A report is as good as a NACK where a missing packet is a lost one.
    const patienceUs = (frequent ? (rttMs ?? 0) * 1000 : 0) + PATIENCE * delayUs;
    for (const { videoSeq, sentUs, receivedUs } of report.packets) {
      const sent = videoSeq === undefined ? undefined : this.#history.find(videoSeq, report.atUs);
      if (!sent) continue;
      if (receivedUs === undefined) {
        this.#handleLoss(sent, sentUs, report.atUs, patienceUs);
        continue;
      }
      const byItself = sentUs <= sent.sentUs;
      if (byItself && !sent.arrived && Number.isFinite(sent.nackedUs)) {
        this.#overtaken.handleArrival();
      }
      sent.arrived = true;
    }
    this.#resendHeld(report.atUs, patienceUs, rttMs);
  }

  /** @returns a recent packet to repeat where bytes are wanted for their own sake; or none. */
  nextPadding(nowUs: number): VideoPacket | undefined {
    return this.#history.nextPadding(nowUs);
  }

  #request(seq: number, nowUs: number, rttMs: number | undefined): void {
    this.#nackedPackets++;
    if (this.#leftInCompound-- <= 0 || !this.#history.hasPassed(seq)) {
      // Also what still waits in the pacer: the far side cannot miss it, it only guesses.
      this.#ignoredNacks++;
      return;
    }
    const sent = this.#history.find(seq, nowUs);
    if (!sent) {
      this.#lostForGood++;
      this.#listener.handleLostForGood();
      return;
    }
    if (sent.arrived) {
      this.#ignoredNacks++;
      return;
    }
    const first = !Number.isFinite(sent.nackedUs);
    if (first) {
      sent.nackedUs = nowUs;
      this.#overtaken.handleNack();
      if (this.#overtaken.frequent) {
        sent.guessed = this.#mayGuess(sent, nowUs);
        if (!sent.guessed) {
          this.#held.push({ packet: sent, leftUs: sent.sentUs });
          return;
        }
      }
    }
    this.#resend(sent, nowUs, rttMs);
  }

  #mayGuess({ packet }: VideoPacket, nowUs: number): boolean {
    const { targetBitrateBps } = this.#congestion;
    const bytes = rtpWireBytes(packet.length);
    return this.#spare.take(bytes, targetBitrateBps, this.#sentBps(nowUs), nowUs);
  }

  /** @param leftUs when that left which is missing now. */
  #handleLoss(sent: VideoPacket, leftUs: number, nowUs: number, patienceUs: number): void {
    // Sent again since then, it may still arrive.
    if (sent.arrived || sent.resentUs > leftUs) return;
    const again = Number.isFinite(sent.resentUs);
    if (!again && Number.isFinite(sent.nackedUs)) return;
    if (nowUs - leftUs >= patienceUs) this.#resendLost(sent, nowUs);
    else this.#held.push({ packet: sent, leftUs });
  }

  /**
   * Those missed once, and not heard of since. Where one was asked for, no NACK has to be waited for
   * any more, and a round trip contains the wait for a report, which has come.
   */
  #resendHeld(nowUs: number, patienceUs: number, rttMs: number | undefined): void {
    if (this.#held.length === 0) return;
    const waitedUs = Math.min(REPORT_INTERVAL_MS, (rttMs ?? 0) / 2) * 1000;
    const held = this.#held;
    this.#held = [];
    for (const missed of held) {
      const { packet, leftUs } = missed;
      if (packet.arrived || packet.resentUs > leftUs) continue;
      const lessUs = Number.isFinite(packet.nackedUs) ? waitedUs : 0;
      if (nowUs - leftUs >= patienceUs - lessUs) this.#resendLost(packet, nowUs);
      else this.#held.push(missed);
    }
  }

  #resend(sent: VideoPacket, nowUs: number, rttMs: number | undefined): void {
    const rttUs = rttMs === undefined ? INITIAL_RTT_US : rttMs * 1000;
    const waitUs = Math.max(rttUs, MIN_RESEND_INTERVAL_US);
    // What was sent again less than a round trip ago may still be on its way.
    if (nowUs - sent.resentUs >= waitUs) this.#resendLost(sent, nowUs);
  }

  #resendLost(sent: VideoPacket, nowUs: number): void {
    // Missed once more, it is lost for certain.
    if (Number.isFinite(sent.resentUs)) sent.guessed = false;
    const bytes = rtpWireBytes(sent.packet.length);
    if (bytes > this.#savedBytes) {
      this.#ignoredNacks++;
      return;
    }
    this.#savedBytes -= bytes;
    sent.resentUs = nowUs;
    this.#retransmittedPackets++;
    this.#listener.handleResend(sent);
  }

  #save(nowUs: number): void {
    const shareBps = this.#congestion.targetBitrateBps * MAX_SHARE;
    const mostBytes = Math.max(MIN_SAVED_BYTES, (shareBps * SAVED_US) / 8e6);
    const elapsedUs = Math.min(nowUs - this.#savedAtUs, SAVED_US);
    this.#savedBytes = Math.min(this.#savedBytes + (shareBps * elapsedUs) / 8e6, mostBytes);
    this.#savedAtUs = nowUs;
  }
}

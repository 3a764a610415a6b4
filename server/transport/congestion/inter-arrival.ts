/** Packets sent within this time are one group (draft-ietf-rmcat-gcc-02 §5.2, burst_time). */
const SEND_BURST_US = 5000;

/** Packets that a blocked path lets go at once arrive closer together than this (§5.2). */
const ARRIVAL_BURST_US = 5000;

/** A group of arrivals longer than this would hide a real queue. */
const MAX_ARRIVAL_BURST_US = 100_000;

/** No queue lets go three seconds within one group: a clock was set, or the device slept. */
const CLOCK_JUMP_US = 3_000_000;

interface Group {
  firstSentUs: number;
  lastSentUs: number;
  firstArrivalUs: number;
  /** Of its latest packet. */
  arrivalUs: number;
}

/** Groups packets and tells how far apart groups were sent and arrived (draft-ietf-rmcat-gcc-02 §5.1). */
export class InterArrival {
  #current: Group | undefined;
  #previous: Group | undefined;
  #sendDeltaUs = 0;
  #arrivalDeltaUs = 0;
  #arrivalUs = 0;

  /** Between the two groups compared last. */
  get sendDeltaUs(): number {
    return this.#sendDeltaUs;
  }

  /** Between the two groups compared last; negative where they overtook one another. */
  get arrivalDeltaUs(): number {
    return this.#arrivalDeltaUs;
  }

  /** Of the later one of the two groups compared last. */
  get arrivalUs(): number {
    return this.#arrivalUs;
  }

  /**
   * Takes received packets in the order they were sent; those out of order tell nothing.
   * @returns whether a group became complete, and there was one before it to compare it with.
   */
  add(sentUs: number, receivedUs: number): boolean {
    const current = this.#current;
    if (!current) {
      this.#current = newGroup(sentUs, receivedUs);
      return false;
    }
    if (sentUs < current.lastSentUs) return false;
    if (Math.abs(receivedUs - current.arrivalUs - (sentUs - current.lastSentUs)) > CLOCK_JUMP_US) {
      this.reset();
      this.#current = newGroup(sentUs, receivedUs);
      return false;
    }
    if (belongs(current, sentUs, receivedUs)) {
      current.lastSentUs = sentUs;
      current.arrivalUs = Math.max(current.arrivalUs, receivedUs);
      return false;
    }
    const compared = this.#compare(current);
    const reused = this.#previous;
    this.#previous = current;
    this.#current = newGroup(sentUs, receivedUs, reused);
    return compared;
  }

  /** Forgets everything. */
  reset(): void {
    this.#current = undefined;
    this.#previous = undefined;
  }

  #compare(current: Group): boolean {
    const previous = this.#previous;
    if (!previous) return false;
    this.#sendDeltaUs = current.lastSentUs - previous.lastSentUs;
    this.#arrivalDeltaUs = current.arrivalUs - previous.arrivalUs;
    this.#arrivalUs = current.arrivalUs;
    return true;
  }
}

function newGroup(sentUs: number, arrivalUs: number, reused?: Group): Group {
  const group = reused ?? { firstSentUs: 0, lastSentUs: 0, firstArrivalUs: 0, arrivalUs: 0 };
  group.firstSentUs = sentUs;
  group.lastSentUs = sentUs;
  group.firstArrivalUs = arrivalUs;
  group.arrivalUs = arrivalUs;
  return group;
}

function belongs(group: Group, sentUs: number, receivedUs: number): boolean {
  if (sentUs - group.firstSentUs <= SEND_BURST_US) return true;
  const gapUs = receivedUs - group.arrivalUs;
  const caughtUp = gapUs < sentUs - group.lastSentUs;
  // A packet that overtook the group did not queue behind it.
  return (
    gapUs >= 0 &&
    gapUs <= ARRIVAL_BURST_US &&
    caughtUp &&
    receivedUs - group.firstArrivalUs < MAX_ARRIVAL_BURST_US
  );
}

import { APPLICATION_DATA } from './dtls-order.ts';

/** What any path carries whole: IPv6 promises 1280 bytes, of which UDP, IP and a relay take some. */
const MAX_DATAGRAM_BYTES = 1200;

/**
 * Sends the records of a flight in as few datagrams as hold them (RFC 6347 §4.1.1). werift sends each by
 * itself; a browser that keeps no message ahead of its turn, as Firefox, then waits for a flight of six
 * to come in order, which on a radio that reorders it hardly ever does. And each is one more to lose.
 */
export class DtlsFlights {
  readonly #send: (datagram: Buffer) => Promise<void>;
  #waiting: Buffer[] = [];
  #sending: Promise<void> | undefined;

  constructor(send: (datagram: Buffer) => Promise<void>) {
    this.#send = send;
  }

  /** Takes one record. Data leaves at once, where no flight is before it. */
  send(record: Buffer): Promise<void> {
    if (record[0] === APPLICATION_DATA && this.#waiting.length === 0) return this.#send(record);
    this.#waiting.push(record);
    this.#sending ??= Promise.resolve().then(() => this.#sendWaiting());
    return this.#sending;
  }

  async #sendWaiting(): Promise<void> {
    const records = this.#waiting;
    this.#waiting = [];
    this.#sending = undefined;
    await Promise.all(datagramsOf(records).map((datagram) => this.#send(datagram)));
  }
}

function datagramsOf(records: readonly Buffer[]): Buffer[] {
  const datagrams: Buffer[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    bytes += record.length;
    if (bytes > MAX_DATAGRAM_BYTES) {
      datagrams.push([]);
      bytes = record.length;
    }
    datagrams.at(-1)?.push(record);
  }
  return datagrams.map((parts) => Buffer.concat(parts));
}

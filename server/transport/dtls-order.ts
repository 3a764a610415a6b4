/** Headers of DTLS 1.2 records and of handshake messages (RFC 6347 §4.1, §4.2.2). */
export const RECORD_HEADER_BYTES = 13;
export const MESSAGE_HEADER_BYTES = 12;

/** Types of records and of handshake messages (RFC 5246 §6.2.1, §7.4). */
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
export const CLIENT_HELLO = 1;
export const SERVER_HELLO_DONE = 14;
export const CERTIFICATE_VERIFY = 15;

/** Epochs from one on are protected (RFC 6347 §4.1). */
export function isProtected(record: Buffer): boolean {
  return record.readUInt16BE(3) > 0;
}

/** Browsers show one certificate of their own making, 1 KB at most; a ClientHello is below 2 KB. */
const MAX_MESSAGE_BYTES = 16_384;

/** Neither side says more than seven unprotected messages in a handshake. */
const MAX_AHEAD = 8;

/** Repetitions of Finished, and the datagrams that a side sends as soon as it is connected. */
const MAX_HELD = 32;

/**
 * Puts the far side's handshake in order for a DTLS that takes messages as they come: each is
 * delivered once, whole and in its turn (RFC 6347 §4.2.2). What is protected waits for keys, and
 * application data and alerts for the end of the handshake. A ClientHello is delivered again only
 * while it asks for the flight that answers it; later it would start the handshake anew. Finished
 * passes as often as it comes, since it asks for the last flight (§4.2.4).
 *
 * Unprotected alerts, ChangeCipherSpec (an epoch says the same) and unknown records are dropped, and
 * unprotected handshake messages once connected. Memory is bounded, whatever comes.
 */
export class DtlsOrder {
  readonly #deliver: (record: Buffer) => void;
  readonly #ahead = new Map<number, Assembly>();
  #next = 0;
  /** Sequence of the ClientHello whose answer is outstanding. */
  #unanswered: number | undefined;
  #hasKeys = false;
  #connected = false;
  readonly #heldHandshake: Buffer[] = [];
  readonly #heldData: Buffer[] = [];

  /** @param deliver takes one record, with one whole message where it is an unprotected handshake. */
  constructor(deliver: (record: Buffer) => void) {
    this.#deliver = deliver;
  }

  /** Takes one or more records; what is cut short is dropped. */
  receive(datagram: Buffer): void {
    for (let at = 0; at + RECORD_HEADER_BYTES <= datagram.length; ) {
      const end = at + RECORD_HEADER_BYTES + datagram.readUInt16BE(at + 11);
      if (end > datagram.length) return;
      this.#receiveRecord(datagram.subarray(at, end));
      at = end;
    }
  }

  /** The handshake is over and the reader of its data is ready. */
  handleConnected(): void {
    this.#connected = true;
    this.#ahead.clear();
    for (const record of this.#heldData.splice(0)) this.#deliver(record);
  }

  #receiveRecord(record: Buffer): void {
    switch (record[0]) {
      case HANDSHAKE:
        if (isProtected(record)) this.#deliverOrHold(record, this.#hasKeys, this.#heldHandshake);
        else if (!this.#connected) this.#receiveMessages(record);
        break;
      case ALERT:
      case APPLICATION_DATA:
        if (isProtected(record)) this.#deliverOrHold(record, this.#connected, this.#heldData);
        break;
    }
  }

  #deliverOrHold(record: Buffer, isTime: boolean, held: Buffer[]): void {
    if (isTime) this.#deliver(record);
    else if (held.length < MAX_HELD) held.push(record);
  }

  #receiveMessages(record: Buffer): void {
    for (let at = RECORD_HEADER_BYTES; at + MESSAGE_HEADER_BYTES <= record.length; ) {
      const body = at + MESSAGE_HEADER_BYTES;
      const end = body + record.readUIntBE(at + 9, 3);
      if (end > record.length) return;
      this.#receiveFragment(record.subarray(at, body), record.subarray(body, end));
      at = end;
    }
  }

  #receiveFragment(header: Buffer, fragment: Buffer): void {
    const type = header.readUInt8(0);
    const bytes = header.readUIntBE(1, 3);
    const sequence = header.readUInt16BE(4);
    const offset = header.readUIntBE(6, 3);
    if (bytes > MAX_MESSAGE_BYTES || offset + fragment.length > bytes) return;
    const asksAgain = type === CLIENT_HELLO && sequence === this.#unanswered;
    if (!asksAgain && (sequence < this.#next || sequence >= this.#next + MAX_AHEAD)) return;
    const message = this.#ahead.get(sequence) ?? new Assembly(type, bytes);
    if (message.type !== type || message.body.length !== bytes) return;
    this.#ahead.set(sequence, message);
    message.add(offset, fragment);
    if (asksAgain) this.#deliverWhole(sequence);
    while (this.#deliverWhole(this.#next)) this.#next++;
  }

  #deliverWhole(sequence: number): boolean {
    const message = this.#ahead.get(sequence);
    if (!message?.isWhole) return false;
    this.#ahead.delete(sequence);
    if (this.#unanswered !== undefined) this.#ahead.delete(this.#unanswered);
    this.#unanswered = message.type === CLIENT_HELLO ? sequence : undefined;
    this.#deliver(recordOf(message, sequence));
    // What a server and what a client waits for before it has keys.
    if (message.type === CERTIFICATE_VERIFY || message.type === SERVER_HELLO_DONE) {
      this.#hasKeys = true;
      for (const record of this.#heldHandshake.splice(0)) this.#deliver(record);
    }
    return true;
  }
}

/** A handshake message whose fragments come in any order, repeated and overlapping. */
class Assembly {
  readonly type: number;
  readonly body: Buffer;
  readonly #has: Uint8Array;
  #missingBytes: number;

  constructor(type: number, bytes: number) {
    this.type = type;
    this.body = Buffer.alloc(bytes);
    this.#has = new Uint8Array(bytes);
    this.#missingBytes = bytes;
  }

  get isWhole(): boolean {
    return this.#missingBytes === 0;
  }

  /** @param offset fragment must end within the body. */
  add(offset: number, fragment: Buffer): void {
    const end = offset + fragment.length;
    for (let at = offset; at < end; at++) {
      if (this.#has[at] === 0) this.#missingBytes--;
      this.#has[at] = 1;
    }
    fragment.copy(this.body, offset);
  }
}

function recordOf({ type, body }: Assembly, sequence: number): Buffer {
  const header = Buffer.alloc(RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES);
  // DTLS 1.2 in one's complement; neither epoch nor sequence number of the record are looked at.
  header.set([HANDSHAKE, 0xfe, 0xfd]);
  header.writeUInt16BE(MESSAGE_HEADER_BYTES + body.length, 11);
  header[RECORD_HEADER_BYTES] = type;
  header.writeUIntBE(body.length, RECORD_HEADER_BYTES + 1, 3);
  header.writeUInt16BE(sequence, RECORD_HEADER_BYTES + 4);
  header.writeUIntBE(body.length, RECORD_HEADER_BYTES + 9, 3);
  return Buffer.concat([header, body]);
}

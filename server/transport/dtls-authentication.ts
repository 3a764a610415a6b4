import {
  createHash,
  createHmac,
  type KeyObject,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto';
import { DtlsServer, type DtlsSocket } from 'werift';
import { RockpoolError } from '../../protocol/errors.ts';
import {
  ALERT,
  CERTIFICATE_VERIFY,
  CLIENT_HELLO,
  HANDSHAKE,
  isProtected,
  MESSAGE_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  SERVER_HELLO_DONE,
} from './dtls-order.ts';

/** Types of handshake messages (RFC 5246 §7.4, RFC 6347 §4.3.2). */
const SERVER_HELLO = 2;
const HELLO_VERIFY_REQUEST = 3;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const CERTIFICATE_REQUEST = 13;
const CLIENT_KEY_EXCHANGE = 16;
const FINISHED = 20;

/** Before the first message of the far side. */
const NOTHING = -1;

/**
 * What each message of the far side may follow (RFC 5246 §7.3, RFC 6347 §4.2.1). We always ask a
 * client for its certificate.
 */
const FROM_CLIENT: ReadonlyMap<number, readonly number[]> = new Map([
  [CLIENT_HELLO, [NOTHING, CLIENT_HELLO]],
  [CERTIFICATE, [CLIENT_HELLO]],
  [CLIENT_KEY_EXCHANGE, [CERTIFICATE]],
  [CERTIFICATE_VERIFY, [CLIENT_KEY_EXCHANGE]],
  [FINISHED, [CERTIFICATE_VERIFY]],
]);
const FROM_SERVER: ReadonlyMap<number, readonly number[]> = new Map([
  [HELLO_VERIFY_REQUEST, [NOTHING]],
  [SERVER_HELLO, [NOTHING, HELLO_VERIFY_REQUEST]],
  [CERTIFICATE, [SERVER_HELLO]],
  [SERVER_KEY_EXCHANGE, [CERTIFICATE]],
  [CERTIFICATE_REQUEST, [SERVER_KEY_EXCHANGE]],
  [SERVER_HELLO_DONE, [SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST]],
  [FINISHED, [SERVER_HELLO_DONE]],
]);

/** Hash and signature as werift asks for them (RFC 5246 §7.4.1.4.1), and the key each needs. */
const KEY_OF_SCHEME: ReadonlyMap<number, string> = new Map([
  [0x0401, 'rsa'],
  [0x0403, 'ec'],
]);

/** Where the random stands in a hello: behind the version (RFC 5246 §7.4.1.2). */
const RANDOM_START = 2;
const RANDOM_END = 34;

const VERIFY_DATA_BYTES = 12;

/**
 * Whether the far side of a DTLS holds the key of the certificate that it shows, and has seen the
 * handshake that we have seen. werift compares the certificate's fingerprint with the one in the SDP,
 * but reads no signature and no Finished: somebody on the path could show a certificate not his own.
 *
 * Messages must come whole and in order, as {@link DtlsOrder} delivers them, and each is shown to
 * {@link admits} before werift reads it. Each is admitted once, so werift's own record of the
 * handshake is what both sides must agree on: unfragmented, without the first ClientHello and the
 * HelloVerifyRequest (RFC 6347 §4.2.6).
 */
export class DtlsAuthentication {
  readonly #dtls: DtlsSocket;
  readonly #isServer: boolean;
  readonly #order: ReadonlyMap<number, readonly number[]>;
  #last = NOTHING;
  #key: KeyObject | undefined;
  #serverRandom: Buffer = Buffer.alloc(0);
  /** The far side's Finished, once it has proved right. */
  #finished: Buffer | undefined;

  /** @param dtls before it has read anything. */
  constructor(dtls: DtlsSocket) {
    this.#dtls = dtls;
    this.#isServer = dtls instanceof DtlsServer;
    this.#order = this.#isServer ? FROM_CLIENT : FROM_SERVER;
  }

  /**
   * Whether werift may read a record. Protected records that were not made with the keys of this
   * connection are only dropped: anybody can send some.
   *
   * @throws RockpoolError `unauthorised` where the handshake proves to be somebody else's.
   */
  admits(record: Buffer): boolean {
    if (record[0] === HANDSHAKE) {
      return isProtected(record) ? this.#admitsFinished(record) : this.#admitsMessage(record);
    }
    // werift takes some protected alerts at their word without deciphering them.
    return record[0] !== ALERT || this.#opened(record) !== undefined;
  }

  #admitsMessage(record: Buffer): boolean {
    const type = record.readUInt8(RECORD_HEADER_BYTES);
    const body = record.subarray(RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES);
    if (type === FINISHED) throw refusal('its Finished is not protected');
    this.#follow(type);
    if (type === SERVER_HELLO) this.#serverRandom = body.subarray(RANDOM_START, RANDOM_END);
    if (type === CERTIFICATE) this.#key = keyOf(body);
    if (type === CERTIFICATE_VERIFY) this.#expectSignature(this.#transcript(), body);
    if (type === SERVER_KEY_EXCHANGE) this.#checkServerKey(body);
    return true;
  }

  /** Nothing but Finished is protected; it comes again when our answer to it was lost. */
  #admitsFinished(record: Buffer): boolean {
    const message = this.#opened(record);
    if (message?.[0] !== FINISHED) return false;
    const finished = message.subarray(MESSAGE_HEADER_BYTES);
    if (this.#finished) return this.#finished.equals(finished);
    this.#follow(FINISHED);
    const expected = verifyData(
      this.#dtls.cipher.masterSecret,
      this.#isServer ? 'client finished' : 'server finished',
      this.#transcript(),
    );
    if (finished.length !== expected.length || !timingSafeEqual(finished, expected)) {
      throw refusal('it has seen another handshake');
    }
    this.#finished = finished;
    return true;
  }

  #follow(type: number): void {
    if (!this.#order.get(type)?.includes(this.#last)) throw refusal('it says things out of order');
    this.#last = type;
  }

  /** The key for this connection is signed with both randoms (RFC 8422 §5.4). */
  #checkServerKey(body: Buffer): void {
    const end = 4 + body.readUInt8(3);
    const hello = this.#dtls.dtls.sortedHandshakeCache.find(
      ({ msg_type }) => msg_type === CLIENT_HELLO,
    );
    const clientRandom = hello?.fragment.subarray(RANDOM_START, RANDOM_END) ?? Buffer.alloc(0);
    const signed = Buffer.concat([clientRandom, this.#serverRandom, body.subarray(0, end)]);
    this.#expectSignature(signed, body.subarray(end));
  }

  /** @param proof scheme, length and signature (RFC 5246 §4.7). */
  #expectSignature(content: Buffer, proof: Buffer): void {
    const signature = proof.subarray(4);
    const isSigned =
      this.#key !== undefined &&
      signature.length === proof.readUInt16BE(2) &&
      KEY_OF_SCHEME.get(proof.readUInt16BE(0)) === this.#key.asymmetricKeyType &&
      verify('sha256', content, this.#key, signature);
    if (!isSigned) throw refusal('it does not hold the key of its certificate');
  }

  #transcript(): Buffer {
    return Buffer.concat(this.#dtls.dtls.sortedHandshakeCache.map((part) => part.serialize()));
  }

  /** Content of a protected record; undefined where it is not of this connection. */
  #opened(record: Buffer): Buffer | undefined {
    const { cipher, sessionType } = this.#dtls;
    try {
      return cipher.cipher.decrypt(sessionType, record.subarray(RECORD_HEADER_BYTES), {
        type: record.readUInt8(0),
        version: record.readUInt16BE(1),
        epoch: record.readUInt16BE(3),
        sequenceNumber: record.readUIntBE(5, 6),
      });
    } catch {
      // The tag is not that of this content, or there are no keys yet.
      return undefined;
    }
  }
}

/** Of the first certificate of the list, whose fingerprint werift compares (RFC 5246 §7.4.2). */
function keyOf(body: Buffer): KeyObject {
  try {
    return new X509Certificate(body.subarray(6, 6 + body.readUIntBE(3, 3))).publicKey;
  } catch (cause) {
    throw refusal('it shows no certificate that can be read', cause);
  }
}

/** RFC 5246 §5 and §7.4.9; SHA-256 in all suites of werift. */
function verifyData(secret: Buffer, label: string, transcript: Buffer): Buffer {
  const hash = createHash('sha256').update(transcript).digest();
  const seed = Buffer.concat([Buffer.from(label), hash]);
  const first = createHmac('sha256', secret).update(seed).digest();
  const output = createHmac('sha256', secret).update(first).update(seed).digest();
  return output.subarray(0, VERIFY_DATA_BYTES);
}

function refusal(reason: string, cause?: unknown): RockpoolError {
  return new RockpoolError(
    'unauthorised',
    `The far side is not who signaling says it is: ${reason}. Start the session again.`,
    { cause },
  );
}

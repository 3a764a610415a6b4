import { type Connection, parseMessage } from 'werift';

export type IceProtocol = Connection['checkList'][number]['protocol'];

/** Address and port. */
export type Source = readonly [host: string, port: number];

/** A UDP socket of werift's ICE; one behind a TURN server has no such method, and filters itself. */
interface UdpProtocol extends IceProtocol {
  datagramReceived?(datagram: Buffer, source: Source): void;
}

/** First byte of STUN (RFC 7983 §7). */
const LAST_STUN_BYTE = 3;

/** Type of a STUN binding request (RFC 8489 §5). */
const BINDING_REQUEST = 0x0001;

/** One player has a handful of addresses; who knows the password has no need of more. */
const MAX_VERIFIED_SOURCES = 32;

/** Sockets that a connection has opened, which werift declares private. */
function protocolsOf(ice: Connection): readonly UdpProtocol[] {
  return (ice as unknown as { readonly protocols: readonly UdpProtocol[] }).protocols;
}

/**
 * Makes a connection take checks only from those who know its password (RFC 8445 §7.3), and data
 * only from addresses that such a check came from or that signaling named. werift takes both from
 * anybody: a stranger's check would make a stranger's address a candidate, and a stranger's datagram
 * that looks like a DTLS alert or like RTCP can end somebody else's game.
 * @param handleDatagram called with the origin of each datagram that is let through.
 */
export function filterStrangers(
  ice: Connection,
  handleDatagram: (protocol: IceProtocol, source: Source) => void,
): void {
  const admission = new Admission(ice);
  const filtered = new WeakSet<IceProtocol>();
  // Each socket makes its first candidate known before anything can have come in.
  ice.onIceCandidate.subscribe(() => {
    for (const protocol of protocolsOf(ice)) {
      const receive = protocol.datagramReceived?.bind(protocol);
      if (!receive || filtered.has(protocol)) continue;
      filtered.add(protocol);
      protocol.datagramReceived = (datagram, source) => {
        if (!admission.admits(datagram, source)) return;
        handleDatagram(protocol, source);
        receive(datagram, source);
      };
    }
  });
}

class Admission {
  readonly #ice: Connection;
  /** Where checks with the right password came from, oldest first. */
  readonly #verified: Source[] = [];

  constructor(ice: Connection) {
    this.#ice = ice;
  }

  admits(datagram: Buffer, source: Source): boolean {
    if ((datagram[0] ?? 0) > LAST_STUN_BYTE) return this.#isKnown(source);
    // Responses are matched to their requests by werift, and checked there.
    if (datagram.length < 2 || datagram.readUInt16BE(0) !== BINDING_REQUEST) return true;
    const message = parseMessage(datagram, Buffer.from(this.#ice.localPassword));
    const [ours] = String(message?.getAttributeValue('USERNAME') ?? '').split(':');
    if (!message || ours !== this.#ice.localUsername) return false;
    if (!this.#isVerified(source)) {
      if (this.#verified.length >= MAX_VERIFIED_SOURCES) this.#verified.shift();
      this.#verified.push(source);
    }
    return true;
  }

  #isKnown(source: Source): boolean {
    const [host, port] = source;
    const paired = this.#ice.checkList.some(
      ({ remoteCandidate }) => remoteCandidate.host === host && remoteCandidate.port === port,
    );
    return paired || this.#isVerified(source);
  }

  #isVerified([host, port]: Source): boolean {
    return this.#verified.some((one) => one[0] === host && one[1] === port);
  }
}

import type { RTCIceTransport } from 'werift';

type IceConnection = RTCIceTransport['connection'];
type Protocol = IceConnection['checkList'][number]['protocol'];

/** A UDP socket of werift's ICE; one behind a TURN server has no such method, and filters itself. */
interface UdpProtocol {
  datagramReceived?(datagram: Buffer, source: readonly [host: string, port: number]): void;
}

/** First byte of STUN (RFC 7983 §7). Its checks carry credentials of their own. */
const LAST_STUN_BYTE = 3;

/**
 * Makes a connection take data only from addresses that ICE knows as candidates of the far side:
 * named in its signaling, or learnt from a check with the right credentials (RFC 8445 §7.3.1.3).
 * werift takes it from anybody, and a stranger's datagram that looks like a DTLS alert or like RTCP
 * can end somebody else's game.
 */
export function ignoreStrangers(ice: IceConnection): void {
  const isKnown = ([host, port]: readonly [string, number]) =>
    ice.checkList.some(({ remoteCandidate }) => {
      return remoteCandidate.host === host && remoteCandidate.port === port;
    });
  const protocols = ice.checkList.map(({ protocol }): UdpProtocol & Protocol => protocol);
  for (const protocol of new Set(protocols)) {
    const receive = protocol.datagramReceived?.bind(protocol);
    if (!receive) continue;
    protocol.datagramReceived = (datagram, source) => {
      if ((datagram[0] ?? 0) <= LAST_STUN_BYTE || isKnown(source)) receive(datagram, source);
    };
  }
}

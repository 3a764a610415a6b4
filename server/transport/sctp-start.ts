import type { RTCDtlsTransport, RTCSctpTransport } from 'werift';

/** Where a packet names its first chunk, and the chunk that opens an association (RFC 9260 §3). */
const CHUNK_TYPE_AT = 12;
const INIT = 1;

/** State of an association whose INIT is unanswered (RFC 9260 §4), by werift's number. */
const COOKIE_WAIT = 2;

/** RTO.Initial (RFC 9260 §16); werift has the three seconds of older editions. */
const RTO_INITIAL_S = 1;

/** What werift declares private. */
interface Association {
  readonly associationState: number;
  rto: number;
  init(): Promise<void>;
}

/**
 * Opens SCTP in spite of a first INIT that is lost. The worker's follows its last DTLS flight at once,
 * and a browser that gets it before that flight, or without it, drops it. The browser's own INIT says
 * that it is ready; werift ignores that one where RFC 9260 §5.2.1 asks for an answer, so that the
 * channels would open only when the timer runs out. Here it makes the worker repeat its own.
 */
export function hastenSctp(dtls: RTCDtlsTransport, transport: RTCSctpTransport): void {
  const sctp = transport.sctp as unknown as Association;
  sctp.rto = RTO_INITIAL_S;
  dtls.onStateChange.subscribe((state) => {
    if (state !== 'connected') return;
    dtls.dtls?.onData.subscribe((packet) => {
      if (packet[CHUNK_TYPE_AT] !== INIT || sctp.associationState !== COOKIE_WAIT) return;
      // The running timer stays: werift starts no second one. Nor does it reject.
      void sctp.init();
    });
  });
}

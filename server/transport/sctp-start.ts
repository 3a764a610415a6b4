import type { RTCDtlsTransport, RTCSctpTransport } from 'werift';

/** Where a packet names its first chunk, and the chunk that opens an association (RFC 9260 §3). */
const CHUNK_TYPE_AT = 12;
const INIT = 1;
const INIT_ACK = 2;

/** State of an association whose INIT is unanswered (RFC 9260 §4), by werift's number. */
const COOKIE_WAIT = 2;

/** RTO.Initial (RFC 9260 §16); werift has the three seconds of older editions. */
const RTO_INITIAL_S = 1;

interface Chunk {
  readonly type: number;
}

/** What werift declares private. */
interface Association {
  readonly associationState: number;
  /** The INIT, while its answer is waited for. */
  readonly timer1Chunk?: Chunk;
  rto: number;
  sendChunk(chunk: Chunk): Promise<void>;
  receiveChunk(chunk: Chunk): Promise<void>;
  handleData(packet: Buffer): Promise<void>;
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
  takeOneAnswer(sctp);
  survivePackets(sctp);
  dtls.onStateChange.subscribe((state) => {
    if (state !== 'connected') return;
    dtls.dtls?.onData.subscribe((packet) => {
      const { associationState, timer1Chunk } = sctp;
      if (packet[CHUNK_TYPE_AT] !== INIT || associationState !== COOKIE_WAIT || !timer1Chunk)
        return;
      // One that cannot be sent is a lost one: the timer still runs.
      sctp.sendChunk(timer1Chunk).catch(() => {});
    });
  });
}

/**
 * An INIT that was repeated is answered twice. werift leaves the state that takes an answer only after
 * it has sent the next message, and throws when the second comes before.
 */
function takeOneAnswer(sctp: Association): void {
  const receiveChunk = sctp.receiveChunk.bind(sctp);
  let answered = false;
  sctp.receiveChunk = async (chunk) => {
    if (chunk.type === INIT_ACK && sctp.associationState === COOKIE_WAIT) {
      if (answered) return;
      answered = true;
    }
    await receiveChunk(chunk);
  };
}

/** werift lets a malformed packet reject where nobody listens, which would end the worker. */
function survivePackets(sctp: Association): void {
  const handleData = sctp.handleData.bind(sctp);
  sctp.handleData = (packet) => handleData(packet).catch(() => {});
}

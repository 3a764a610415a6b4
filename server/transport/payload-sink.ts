/**
 * Makes the packets of one stream. A packetizer asks for a packet of the payload size it needs,
 * writes the payload at {@link payloadOffset}, and goes on: the sink has stored it already and
 * sends it once the frame is complete.
 */
export interface PayloadSink {
  /** Bytes of payload a packet may have. */
  readonly maxPayloadBytes: number;
  readonly payloadOffset: number;
  /** @param last the last packet of a frame, which gets the marker bit. */
  createPacket(payloadBytes: number, last: boolean): Buffer;
}

/** Cuts one encoded frame into RTP payloads. */
export interface Packetizer {
  /** @param timestamp RTP timestamp of the frame, 32 bits. */
  packetize(frame: Uint8Array, sink: PayloadSink, timestamp: number): void;
}

import type { Packetizer, PayloadSink } from './payload-sink.ts';

/** Opus in RTP: one packet, one payload (RFC 7587 §4.2). */
export class OpusPacketizer implements Packetizer {
  packetize(frame: Uint8Array, sink: PayloadSink): void {
    // The marker says that a talkspurt begins, which sound without silence suppression never does.
    sink.createPacket(frame.length, false).set(frame, sink.payloadOffset);
  }
}

import { z } from 'zod';
import type { ChannelLabel } from '../../protocol/channels.ts';
import type { IceCandidate } from '../../protocol/session-signal.ts';

/** Test → receiver, one JSON object a line. The end of the input asks for a clean end. */
export type ToReceiver =
  | { readonly type: 'offer'; readonly sdp: string }
  | ({ readonly type: 'candidate' } & IceCandidate)
  | { readonly type: 'send'; readonly channel: ChannelLabel; readonly base64: string }
  | { readonly type: 'send-text'; readonly channel: ChannelLabel; readonly text: string };

/** Receiver → test, one JSON object a line. */
export const fromReceiverSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('answer'), sdp: z.string() }),
  z.strictObject({
    type: z.literal('candidate'),
    candidate: z.string(),
    sdpMid: z.string().nullable(),
    sdpMLineIndex: z.int().nullable(),
  }),
  z.strictObject({ type: z.literal('open'), channel: z.string() }),
  z.strictObject({ type: z.literal('text'), channel: z.string(), text: z.string() }),
  /** A decoded picture, of which every so many pixels were kept. */
  z.strictObject({
    type: z.literal('picture'),
    /** Of what was kept. */
    width: z.int().positive(),
    height: z.int().positive(),
    /** A byte for each pixel that was kept, row by row. */
    lumaBase64: z.base64(),
  }),
]);
export type FromReceiver = z.infer<typeof fromReceiverSchema>;

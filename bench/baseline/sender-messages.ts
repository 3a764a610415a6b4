import { z } from 'zod';

const sdpSchema = z.string().min(1);

/** Bench → libwebrtc sender. */
export const toSenderSchema = z.strictObject({ type: z.literal('answer'), sdp: sdpSchema });

/** Libwebrtc sender → bench, once, with all candidates. */
export const fromSenderSchema = z.strictObject({ type: z.literal('offer'), sdp: sdpSchema });

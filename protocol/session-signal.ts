import { z } from 'zod';
import { sessionIdSchema } from './ids.ts';

/** An SDP of our own offers is about 4 KB; browsers answer with less than 10. */
const MAX_SDP_CHARS = 32_768;

export const sessionDescriptionSchema = z.strictObject({
  type: z.enum(['offer', 'answer']),
  sdp: z.string().min(1).max(MAX_SDP_CHARS),
});
export type SessionDescription = z.infer<typeof sessionDescriptionSchema>;

export const iceCandidateSchema = z.strictObject({
  candidate: z.string().max(1024),
  sdpMid: z.string().max(64).nullable(),
  sdpMLineIndex: z.int().min(0).max(64).nullable(),
});
export type IceCandidate = z.infer<typeof iceCandidateSchema>;

/**
 * SDP and ICE of one session, relayed by signaling between its two parties only. `attempt` counts
 * the peer connections of the session: what belongs to an earlier one is ignored after a resume.
 */
export const sessionSignalSchema = z.strictObject({
  sessionId: sessionIdSchema,
  attempt: z.int().min(0).max(1_000_000),
  payload: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('description'), description: sessionDescriptionSchema }),
    z.strictObject({ kind: z.literal('candidate'), candidate: iceCandidateSchema }),
    /** Browser → worker: my network changed; offer again, with an ICE restart (RFC 8445 §2.4). */
    z.strictObject({ kind: z.literal('restart-ice') }),
  ]),
});
export type SessionSignal = z.infer<typeof sessionSignalSchema>;

export const iceServerSchema = z.strictObject({
  urls: z.array(z.string().regex(/^(stun|stuns|turn|turns):/, 'a stun: or turn: URL')).min(1),
  username: z.string().optional(),
  credential: z.string().optional(),
});
export type IceServer = z.infer<typeof iceServerSchema>;

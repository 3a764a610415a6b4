/**
 * However slow the network of a guest who plays, this share of what the session's own player gets
 * stays: a picture of half the bits is coarser and not another. Below, it is the guest who waits for
 * keyframes.
 */
const LEAST_SHARE = 0.5;

/** What of a viewer says how much may be sent. */
export interface RatedViewer {
  readonly role: ViewerRole;
  /** Payload bits a second of video; undefined until connected. */
  readonly videoBitrateBps: number | undefined;
}

/** `owner` is the session's own player, `player` a guest who plays too, `spectator` one who watches. */
export type ViewerRole = 'owner' | 'player' | 'spectator';

/**
 * The one rate of a picture that several see: the owner's, less where a guest who plays can take
 * less. Whoever only watches changes nothing for the others.
 * @param absentBps what there is without an owner.
 */
export function sharedRateBps(viewers: Iterable<RatedViewer>, absentBps: number): number {
  let ownerBps = absentBps;
  let guestBps = Number.POSITIVE_INFINITY;
  for (const { role, videoBitrateBps } of viewers) {
    if (videoBitrateBps === undefined) continue;
    if (role === 'owner') ownerBps = videoBitrateBps;
    else if (role === 'player') guestBps = Math.min(guestBps, videoBitrateBps);
  }
  return Math.max(Math.min(ownerBps, guestBps), ownerBps * LEAST_SHARE);
}

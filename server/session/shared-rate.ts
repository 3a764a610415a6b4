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
 * less. Whoever only watches changes nothing for the others, unless they see a picture of their own.
 * @param absentBps what counts as the owner's where there is none.
 */
export function sharedRateBps(viewers: Iterable<RatedViewer>, absentBps: number): number {
  let ownerBps: number | undefined;
  let playerBps = Number.POSITIVE_INFINITY;
  let spectatorBps = Number.POSITIVE_INFINITY;
  for (const { role, videoBitrateBps } of viewers) {
    if (videoBitrateBps === undefined) continue;
    if (role === 'owner') ownerBps = videoBitrateBps;
    else if (role === 'player') playerBps = Math.min(playerBps, videoBitrateBps);
    else spectatorBps = Math.min(spectatorBps, videoBitrateBps);
  }
  if (ownerBps === undefined) playerBps = Math.min(playerBps, spectatorBps);
  const fullBps = ownerBps ?? absentBps;
  return Math.max(Math.min(fullBps, playerBps), fullBps * LEAST_SHARE);
}

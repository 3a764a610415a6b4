import type { ContainerId } from '../../protocol/ids.ts';
import type { ContainerIndex } from './container-index.ts';
import { decide } from './decide.ts';
import { Examination } from './examination.ts';
import type { Ticket } from './ticket.ts';

/**
 * What a machine that does not keep up costs its player: at most three of four pictures, and what is
 * pressed shown several intervals late.
 */
const STRAIN_MS = 100;

/** A move is a second of a picture that stands still, and perhaps a level anew: not for a trifle. */
const WORTH_A_MOVE_MS = 30;

/**
 * Whether there is a place now that is clearly better than the container a session is on, which does not
 * keep up with it. Neither is one that is so far away that nothing would be won.
 */
export function hasBetterPlace(
  index: ContainerIndex,
  ticket: Ticket,
  containerId: ContainerId,
): boolean {
  const refused = new Set([...ticket.refused, containerId]);
  const [best] = decide(index, { ...ticket, refused }).decision.ranked;
  const row = index.row(containerId);
  const offer = index.offerOf(containerId, ticket.gameId);
  if (!best || row === undefined || !offer) return false;
  const presentMs = new Examination(index, ticket).scoreMs(row, offer.warm);
  return best.scoreMs + WORTH_A_MOVE_MS < presentMs + STRAIN_MS;
}

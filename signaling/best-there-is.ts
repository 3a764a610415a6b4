import { MODEST_SIZE } from '../protocol/session-needs.ts';
import type { ContainerIndex } from './indexer/container-index.ts';
import { decide, type Pairing } from './indexer/decide.ts';
import { PARAMETERS } from './indexer/parameters.ts';
import type { Ticket } from './indexer/ticket.ts';

/** From then on a ticket takes a machine however far it is. */
const PATIENT_MS = Math.max(...PARAMETERS.latencyLimits.map(({ fromMs }) => fromMs));

/**
 * Decides, and where that helps nobody asks for less: a machine that does less than was chosen, or one
 * that is farther than was hoped for, is better than none.
 */
export function bestThereIs(index: ContainerIndex, ticket: Ticket): Pairing {
  const pairing = decide(index, ticket);
  switch (pairing.problem) {
    case 'too-small':
      return decide(index, { ...ticket, settings: { ...ticket.settings, ...MODEST_SIZE } });
    case 'too-far':
      return decideAnyDistance(index, ticket);
    default:
      return pairing;
  }
}

/** `too-far` means that no nearer machine is merely full: there is nothing to wait for. */
function decideAnyDistance(index: ContainerIndex, ticket: Ticket): Pairing {
  const waitedMs = Math.max(ticket.waitedMs, PATIENT_MS);
  const pairing = decide(index, { ...ticket, waitedMs });
  return { ...pairing, decision: { ...pairing.decision, waitedMs: ticket.waitedMs } };
}

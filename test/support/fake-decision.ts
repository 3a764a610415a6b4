import { containerIdSchema } from '../../protocol/ids.ts';
import type {
  PairingDecision,
  RankedContainer,
  ScoreTerms,
} from '../../protocol/pairing-decision.ts';

let ranked = 0;

/** A container as a decision ranks it; its score is the sum of what is given. */
export function fakeRanked(
  name: string,
  terms: Partial<ScoreTerms> = {},
  fields: Partial<RankedContainer> = {},
): RankedContainer {
  const all = { path: 0, quality: 0, headroom: 0, warmth: 0, price: 0, ...terms };
  const number = String(ranked++).padStart(12, '0');
  return {
    containerId: containerIdSchema.parse(`33333333-3333-4333-8333-${number}`),
    name,
    region: 'local',
    scoreMs: all.path + all.quality + all.headroom + all.warmth + all.price,
    terms: all,
    pathSource: 'unknown',
    ...fields,
  };
}

/** A decision for the only container there was. */
export function fakeDecision(fields: Partial<PairingDecision> = {}): PairingDecision {
  return {
    parametersVersion: 1,
    seed: 7,
    waitedMs: 0,
    latencyLimitMs: 60,
    considered: 1,
    rejected: {},
    ranked: [fakeRanked('attic', { path: 41, headroom: 6.25 })],
    ...fields,
  };
}

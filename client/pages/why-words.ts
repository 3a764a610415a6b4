import {
  MAX_RANKED,
  type PairingDecision,
  type RankedContainer,
  REJECTIONS,
  type Rejection,
  SCORE_TERMS,
  type ScoreTerm,
} from '../../protocol/pairing-decision.ts';
import { countOf } from './pool-words.ts';

/** With the tenth that two scores may differ by. */
export function formatScore(ms: number): string {
  return ms === 0 ? '0' : ms.toFixed(1);
}

/** What a part of a score is, what it measures, and what it is to be ahead in it. */
export const TERM_WORDS: Readonly<
  Record<ScoreTerm, { readonly name: string; readonly meaning: string; readonly lead: string }>
> = {
  path: {
    name: 'Path',
    meaning: 'the way between you and the machine, there and back',
    lead: 'the shorter path',
  },
  quality: {
    name: 'Track record',
    meaning: 'how late its last pictures came, and how often it failed',
    lead: 'the better track record',
  },
  headroom: {
    name: 'Load',
    meaning: 'the fuller a machine, the longer pictures wait',
    lead: 'the lighter load',
  },
  warmth: {
    name: 'Cold start',
    meaning: 'counts where the game is not ready on its disk',
    lead: 'the warm start',
  },
  price: { name: 'Price', meaning: 'what it asks for an hour', lead: 'the lower price' },
};

const PATH_SOURCES: Readonly<Record<RankedContainer['pathSource'], string>> = {
  measured: 'measured from this browser',
  history: 'from earlier games between your network and this region',
  unknown: "not measured: the server's own way to it, and a margin",
};

/** Where the figure for the path came from. */
export function pathSourceWords({ pathSource }: RankedContainer): string {
  return PATH_SOURCES[pathSource];
}

const REJECTION_WORDS: Readonly<Record<Rejection, string>> = {
  'not-on-standby': 'took no players just then',
  'game-missing': 'without this game',
  'no-common-codec': 'with no video format that your browser shows',
  'no-gpu': 'without the graphics this game needs',
  'too-small': 'too small for this game at your settings',
  'too-dear': 'dearer than you allow',
  'too-far': 'too far away for a wait this short',
  full: 'with no room left',
  refused: 'asked, and did not take the game',
};

/** Who was not chosen from, in the order in which it is looked at. */
export function rejectionList({
  rejected,
}: PairingDecision): readonly { readonly count: number; readonly words: string }[] {
  return REJECTIONS.flatMap((rejection) => {
    const count = rejected[rejection] ?? 0;
    return count > 0 ? [{ count, words: REJECTION_WORDS[rejection] }] : [];
  });
}

/** The whole choice in a sentence or two. */
export function choiceSentence({ considered, ranked }: PairingDecision): string {
  const [chosen, second] = ranked;
  if (!chosen) return 'Nothing is known of this choice.';
  if (considered <= 1) return `${chosen.name} was the only machine in the pool.`;
  const out = `Chosen out of ${countOf(considered, 'machine')}`;
  if (!second) return `${out}: ${chosen.name} was the only one that could take your game.`;
  const leadMs = second.scoreMs - chosen.scoreMs;
  const able =
    ranked.length < MAX_RANKED ? `${ranked.length} could take your game` : 'these were the best';
  if (leadMs < 0.05) {
    return `${out}: ${able}. ${chosen.name} and ${second.name} were equally good, so chance decided.`;
  }
  const { lead } = TERM_WORDS[leadingTerm(chosen, second)];
  return `${out}: ${able}, and ${chosen.name} had the lowest score, ${formatScore(leadMs)} ms ahead of ${second.name}. Most of that is ${lead}.`;
}

/** The term in which the chosen one is ahead most. */
function leadingTerm(chosen: RankedContainer, second: RankedContainer): ScoreTerm {
  const lead = (term: ScoreTerm) => second.terms[term] - chosen.terms[term];
  return SCORE_TERMS.reduce((best, term) => (lead(term) > lead(best) ? term : best), 'path');
}

/** Beyond this no path is refused: see the indexer's parameters. */
const ANY_DISTANCE_MS = 1000;

/** What the wait had to do with it. */
export function waitSentence({ waitedMs, latencyLimitMs }: PairingDecision): string {
  const waited =
    waitedMs < 1000
      ? 'You did not have to wait'
      : `You had waited ${Math.round(waitedMs / 1000)} s`;
  const limit =
    latencyLimitMs > ANY_DISTANCE_MS
      ? 'any distance was accepted by then'
      : `a round trip of up to ${Math.round(latencyLimitMs)} ms was accepted`;
  return `${waited}; ${limit}. The longer a wait, the farther a machine may be.`;
}

import type { BuildComparison } from '../../protocol/studio-insight.ts';
import type { InsightWish } from './insight-wish.ts';
import {
  comparisonBasis,
  comparisonHeadline,
  STAGE_WORDS,
  signedMs,
  stageChanges,
} from './insight-words.ts';
import { Card, Choice } from './studio-parts.tsx';

export interface InsightComparisonProps {
  readonly comparison: BuildComparison;
  /** What there is to compare with, the newest first. */
  readonly builds: readonly number[];
  readonly onChoose: (part: Pick<InsightWish, 'against'>) => void;
}

/** Whether one build is slower than another, as far as their sessions can tell. */
export function InsightComparison({ comparison, builds, onChoose }: InsightComparisonProps) {
  const { newer, older, verdict } = comparison;
  const changes = verdict === 'too-few' ? [] : stageChanges(comparison);
  return (
    <Card
      title="Compared"
      action={
        <Choice
          bare
          label={`Compare build ${newer.number} with`}
          options={builds
            .filter((number) => number !== newer.number)
            .map((number) => ({
              value: String(number),
              words: `Build ${newer.number} with ${number}`,
            }))}
          value={String(older.number)}
          onChange={(number) => onChoose({ against: Number(number) })}
        />
      }
    >
      <p class={`insight-verdict ${verdict}`}>{comparisonHeadline(comparison)}</p>
      <p class="studio-note">{comparisonBasis(comparison)}</p>
      {changes.length > 0 && (
        <ul class="insight-changes" aria-label="What changed in the usual session">
          {changes.map(({ stage, changeMs }) => (
            <li key={stage}>
              <i class={`stage-${stage}`} aria-hidden="true" />
              {STAGE_WORDS[stage]} <b>{signedMs(changeMs)} ms</b>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

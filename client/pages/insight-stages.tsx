import { LATENCY_STAGES } from '../../protocol/latency-stages.ts';
import type { InsightFigures } from '../../protocol/studio-insight.ts';
import { formatMs } from './display-units.ts';
import { partMs, STAGE_PARTS, type StagePart } from './insight-columns.ts';
import { STAGE_WORDS } from './insight-words.ts';

const PART_WORDS: Readonly<Record<StagePart, string>> = {
  game: 'Game',
  stream: 'Stream',
  network: 'Network',
};

/** What each stage on the way from an input to its picture costs the usual session. */
export function InsightStages({ stagesMs }: Pick<InsightFigures, 'stagesMs'>) {
  if (stagesMs === null) return <p class="studio-note">No session has measured its stages yet.</p>;
  const sumMs = LATENCY_STAGES.reduce((sum, stage) => sum + stagesMs[stage], 0);
  const shareOf = (ms: number) => `${sumMs > 0 ? (ms / sumMs) * 100 : 0}%`;
  return (
    <div class="insight-stages">
      <div class="insight-bar" aria-hidden="true">
        {LATENCY_STAGES.map((stage) => (
          <i key={stage} class={`stage-${stage}`} style={{ width: shareOf(stagesMs[stage]) }} />
        ))}
      </div>
      <dl class="insight-parts">
        {(Object.keys(STAGE_PARTS) as StagePart[]).map((part) => (
          <div key={part}>
            <dt>
              <b>{PART_WORDS[part]}</b> <span>{formatMs(partMs(stagesMs, part) ?? 0)} ms</span>
            </dt>
            {STAGE_PARTS[part].map((stage) => (
              <dd key={stage}>
                <i class={`stage-${stage}`} aria-hidden="true" />
                {STAGE_WORDS[stage]}
                <span>{formatMs(stagesMs[stage])} ms</span>
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </div>
  );
}

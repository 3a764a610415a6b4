import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import {
  type MachineHistory,
  type MachineReport,
  PAST_PLAYS_MS,
} from '../../protocol/console-report.ts';
import { type Figures, figuresOf } from './console-figures.ts';
import { ConsolePlots } from './console-plots.tsx';
import { ConsoleSessions } from './console-sessions.tsx';
import { ENDING_WORDS, isMishap } from './console-words.ts';
import { formatMs } from './display-units.ts';
import { formatDuration } from './time-words.ts';

const SPANS = [
  { name: 'Day', spanMs: 24 * 60 * 60 * 1000 },
  { name: 'Week', spanMs: PAST_PLAYS_MS },
] as const;

export interface ConsolePastProps {
  readonly report: MachineReport;
  readonly history: MachineHistory | undefined;
}

/** The sessions of the last day or week: in figures, over time, and one by one. */
export function ConsolePast({ report, history }: ConsolePastProps) {
  const span = useSignal<(typeof SPANS)[number]>(SPANS[0]);
  const { spanMs } = span.value;
  const sessions = useMemo(
    () =>
      history?.sessions.filter(({ startedAtMs }) => history.nowMs - startedAtMs <= spanMs) ?? [],
    [history, spanMs],
  );
  return (
    <section class="console-card">
      <header class="console-past">
        <h3>Sessions</h3>
        <div class="segments" role="radiogroup" aria-label="How far back">
          {SPANS.map((one) => (
            <label key={one.name}>
              <input
                type="radio"
                name="console-span"
                checked={one === span.value}
                onChange={() => {
                  span.value = one;
                }}
              />
              <span>{one.name}</span>
            </label>
          ))}
        </div>
      </header>
      {history === undefined ? (
        <p>Asking for them…</p>
      ) : sessions.length === 0 ? (
        <p>
          {span.value === SPANS[0]
            ? 'Nobody has played here within a day.'
            : 'Nobody has played here within a week.'}
        </p>
      ) : (
        <>
          <FigureStrip figures={figuresOf(sessions, history.nowMs)} />
          <ConsolePlots
            sessions={sessions}
            sinceMs={history.nowMs - spanMs}
            nowMs={history.nowMs}
          />
          <ConsoleSessions report={report} sessions={sessions} nowMs={history.nowMs} />
        </>
      )}
    </section>
  );
}

function FigureStrip({ figures }: { readonly figures: Figures }) {
  const { sessions, playedMs, usualP50Ms, usualP95Ms, endings } = figures;
  return (
    <>
      <dl class="console-figures">
        <div>
          <dt>Sessions</dt>
          <dd>{sessions}</dd>
        </div>
        <div>
          <dt>Played</dt>
          <dd>{formatPlayed(playedMs)}</dd>
        </div>
        {usualP50Ms !== undefined && usualP95Ms !== undefined && (
          <div>
            <dt>Usual click to photon, p50 / p95</dt>
            <dd>
              {formatMs(usualP50Ms)} / {formatMs(usualP95Ms)} ms
            </dd>
          </div>
        )}
      </dl>
      {endings.length > 0 && (
        <ul class="console-endings" aria-label="How they ended">
          {endings.map(({ reason, count }) => (
            <li key={reason} class={isMishap(reason) ? 'mishap' : ''}>
              {ENDING_WORDS[reason]} <b>{count}</b>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const HOUR_MS = 60 * 60 * 1000;

/** "12 min", "1 h 5 min", "167 h": of days one would count hours, too. */
function formatPlayed(ms: number): string {
  return ms < 10 * HOUR_MS ? formatDuration(ms) : `${Math.round(ms / HOUR_MS)} h`;
}

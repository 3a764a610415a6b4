import { useMemo } from 'preact/hooks';
import uPlot from 'uplot';
import type { PastPlay } from '../../protocol/console-report.ts';
import { delayColumns, figuresOf, sessionsPerHour } from './console-figures.ts';
import { ConsolePlot, type PlotStyle } from './console-plot.tsx';
import { formatMs } from './display-units.ts';
import { formatMoment, formatTime } from './time-words.ts';

export interface ConsolePlotsProps {
  readonly sessions: readonly PastPlay[];
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** How quick the machine's games were, and how many there were, over time. */
export function ConsolePlots({ sessions, sinceMs, nowMs }: ConsolePlotsProps) {
  const delays = useMemo(() => delayColumns(sessions), [sessions]);
  const hours = useMemo(
    () => sessionsPerHour(sessions, { sinceMs, nowMs }),
    [sessions, sinceMs, nowMs],
  );
  const { usualP50Ms, usualP95Ms } = figuresOf(sessions, nowMs);
  const span = { fromS: sinceMs / 1000, toS: nowMs / 1000 };
  const delayData = useMemo<uPlot.AlignedData>(
    () => [[...delays.startedS], [...delays.p50Ms], [...delays.p95Ms]],
    [delays],
  );
  const hourData = useMemo<uPlot.AlignedData>(
    () => [[...hours.hourS], [...hours.sessions]],
    [hours],
  );
  return (
    <div class="console-plots">
      <ConsolePlot
        title="Click to photon, ms"
        summary={
          usualP50Ms === undefined || usualP95Ms === undefined
            ? 'No session has measured its click-to-photon delay yet.'
            : `${delays.startedS.length} sessions: the usual p50 is ${formatMs(usualP50Ms)} ms, the usual p95 ${formatMs(usualP95Ms)} ms.`
        }
        data={delayData}
        {...span}
        draw={drawDelays}
        legend={[
          { tone: 'tide', label: 'p50' },
          { tone: 'sun', label: 'p95' },
        ]}
        readOut={(index) => {
          const [atS, p50, p95] = [
            delays.startedS[index],
            delays.p50Ms[index],
            delays.p95Ms[index],
          ];
          if (atS === undefined || p50 === undefined || p95 === undefined) return undefined;
          return `${formatMoment(atS * 1000)}: p50 ${formatMs(p50)}, p95 ${formatMs(p95)}`;
        }}
      />
      <ConsolePlot
        title="Sessions an hour"
        summary={`${sessions.length} sessions began since ${formatMoment(sinceMs)}.`}
        data={hourData}
        {...span}
        toS={span.toS + BAR_ROOM_S}
        draw={drawHours}
        legend={[]}
        readOut={(index) => {
          const [atS, count] = [hours.hourS[index], hours.sessions[index]];
          if (atS === undefined || count === undefined) return undefined;
          return `${formatMoment(atS * 1000)}–${formatTime(atS * 1000 + HOUR_MS)}: ${count}`;
        }}
      />
    </div>
  );
}

const HOUR_MS = 60 * 60 * 1000;
/** The present hour's bar is as wide as the others. */
const BAR_ROOM_S = 60 * 60;

/** A session without a neighbour is a point: a line alone would not show it. Crowds are lines. */
function drawDelays({ tide, sun, ground, remPx }: PlotStyle) {
  const line = (stroke: string): uPlot.Series => ({
    stroke,
    width: 1.5,
    points: { space: 0.35 * remPx, size: 0.4 * remPx, fill: stroke, stroke: ground, width: 1 },
  });
  return { series: [line(tide), { ...line(sun), dash: [4, 4] }], y: {} };
}

function drawHours({ tide }: PlotStyle) {
  const bars = uPlot.paths.bars?.({ size: [0.7, 32], align: 1 });
  const series: uPlot.Series = {
    fill: tide,
    points: { show: false },
    ...(bars ? { paths: bars } : {}),
  };
  // Nobody plays half a session.
  return { series: [series], y: { incrs: [1, 2, 5, 10, 20, 50, 100] } };
}

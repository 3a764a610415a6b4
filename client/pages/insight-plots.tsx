import { useMemo } from 'preact/hooks';
import uPlot from 'uplot';
import type { InsightReport } from '../../protocol/studio-insight.ts';
import { ConsolePlot, type ConsolePlotProps, type PlotStyle } from './console-plot.tsx';
import { formatMs } from './display-units.ts';
import { type InsightColumn, insightColumns } from './insight-columns.ts';
import { minutesWords, playersWords, sessionsWords } from './insight-words.ts';
import { formatDay, formatMoment } from './time-words.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How a game's sessions were over time: small plots of one time axis, which point at one moment together. */
export function InsightPlots({ report }: { readonly report: InsightReport }) {
  const columns = useMemo(() => insightColumns(report), [report]);
  const { nowMs, fromMs, slotMs, total } = report;
  const dataOf = useMemo(() => {
    const of = (...series: InsightColumn[]): uPlot.AlignedData => [columns.atS, ...series];
    return {
      delay: of(columns.p50Ms, columns.p95Ms),
      parts: of(columns.gameMs, columns.streamMs, columns.networkMs),
      frameRate: of(columns.frameRate),
      freezes: of(columns.freezesPerHour),
      sessions: of(columns.sessions, columns.players),
      minutes: of(columns.minutes),
    };
  }, [columns]);
  const shared = {
    fromS: fromMs / 1000,
    // The last slot's bar is as wide as the others.
    toS: (columns.atS.at(-1) ?? nowMs / 1000) + slotMs / 1000,
    syncKey: 'insight',
    level: 'h3',
  } as const;
  const when = (index: number) => {
    const atMs = (columns.atS[index] ?? 0) * 1000;
    return slotMs >= DAY_MS ? formatDay(atMs, nowMs) : formatMoment(atMs);
  };
  /** What stands at one moment: a name and a value each, those without one left out. */
  const readOut =
    (...parts: readonly (readonly [string, InsightColumn, (value: number) => string])[]) =>
    (index: number) => {
      const words = parts.flatMap(([name, column, format]) => {
        const value = column[index];
        return value === null || value === undefined ? [] : [`${name} ${format(value)}`.trim()];
      });
      return `${when(index)}: ${words.length > 0 ? words.join(', ') : 'none'}`;
    };
  const ms = (value: number) => `${formatMs(value)} ms`;
  const whole = (value: number) => String(Math.round(value));
  const plots: Omit<ConsolePlotProps, keyof typeof shared>[] = [
    {
      title: 'Click to photon, ms',
      summary: `Over time. All together: p50 ${figure(total.clickToPhotonP50Ms)} ms, p95 ${figure(total.clickToPhotonP95Ms)} ms.`,
      data: dataOf.delay,
      draw: drawTwo,
      legend: [
        { tone: 'tide', label: 'p50' },
        { tone: 'sun', label: 'p95' },
      ],
      readOut: readOut(['p50', columns.p50Ms, ms], ['p95', columns.p95Ms, ms]),
    },
    {
      title: 'Network and game, ms',
      summary: 'Of the usual session, over time: the game, the stream made of it, and the network.',
      data: dataOf.parts,
      draw: drawThree,
      legend: [
        { tone: 'tide', label: 'game' },
        { tone: 'sun', label: 'stream' },
        { tone: 'mist', label: 'network' },
      ],
      readOut: readOut(
        ['game', columns.gameMs, ms],
        ['stream', columns.streamMs, ms],
        ['network', columns.networkMs, ms],
      ),
    },
    {
      title: 'Frames a second',
      summary: `Over time. All together ${figure(total.frameRate)} a second.`,
      data: dataOf.frameRate,
      draw: drawOne,
      legend: [],
      readOut: readOut(['', columns.frameRate, (value) => value.toFixed(1)]),
    },
    {
      title: 'Freezes an hour',
      summary: `Over time. All together ${figure(total.freezesPerHour)} an hour.`,
      data: dataOf.freezes,
      draw: drawOne,
      legend: [],
      readOut: readOut(['', columns.freezesPerHour, (value) => value.toFixed(1)]),
    },
    {
      title: 'Sessions and players',
      summary: `Over time. All together ${sessionsWords(total.sessions)} of ${playersWords(total.players)}.`,
      data: dataOf.sessions,
      draw: drawBarsAndLine,
      legend: [
        { tone: 'tide', label: 'sessions' },
        { tone: 'sun', label: 'players' },
      ],
      readOut: readOut(['sessions', columns.sessions, whole], ['players', columns.players, whole]),
    },
    {
      title: 'Minutes played',
      summary: `Over time. All together ${minutesWords(total.lastedMs)}.`,
      data: dataOf.minutes,
      draw: drawBars,
      legend: [],
      readOut: readOut(['', columns.minutes, (value) => `${Math.round(value)} min`]),
    },
  ];
  return (
    <div class="console-plots">
      {plots.map((plot) => (
        <ConsolePlot key={plot.title} {...shared} {...plot} />
      ))}
    </div>
  );
}

function figure(value: number | null): string {
  return value === null ? 'not measured' : value.toFixed(value < 10 ? 1 : 0);
}

/** A slot without neighbours is a point: a line alone would not show it. */
function line(stroke: string, { ground, remPx }: PlotStyle, dash?: number[]): uPlot.Series {
  return {
    stroke,
    width: 1.75,
    ...(dash ? { dash } : {}),
    points: { space: 0.35 * remPx, size: 0.4 * remPx, fill: stroke, stroke: ground, width: 1 },
  };
}

function bars(fill: string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [0.7, 32], align: 1 });
  return { fill, points: { show: false }, ...(paths ? { paths } : {}) };
}

/** Nobody plays half a session. */
const WHOLE: uPlot.Axis = { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] };

function drawOne(style: PlotStyle) {
  return { series: [line(style.tide, style)], y: {} };
}

function drawTwo(style: PlotStyle) {
  return { series: [line(style.tide, style), line(style.sun, style, [4, 4])], y: {} };
}

function drawThree(style: PlotStyle) {
  const { tide, sun, mist } = style;
  return {
    series: [line(tide, style), line(sun, style, [4, 4]), line(mist, style, [1, 3])],
    y: {},
  };
}

function drawBars({ tide }: PlotStyle) {
  return { series: [bars(tide)], y: WHOLE };
}

function drawBarsAndLine(style: PlotStyle) {
  return { series: [bars(style.tide), line(style.sun, style)], y: WHOLE };
}

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatTime } from './time-words.ts';

/** The colours and type of a plot: those of the page. */
export interface PlotStyle {
  readonly sun: string;
  readonly tide: string;
  readonly mist: string;
  readonly line: string;
  readonly ground: string;
  /** CSS pixels of one rem. */
  readonly remPx: number;
}

export interface ConsolePlotProps {
  readonly title: string;
  /** What the plot says, for those who do not see it. */
  readonly summary: string;
  readonly data: uPlot.AlignedData;
  /** Epoch seconds at both ends. */
  readonly fromS: number;
  readonly toS: number;
  /** Series after the first, and the scale they share. Must stay the same object. */
  readonly draw: (style: PlotStyle) => {
    readonly series: uPlot.Series[];
    readonly y: uPlot.Axis;
  };
  /** What is under the pointer, in words. */
  readonly readOut: (index: number) => string | undefined;
  /** What the colours mean. */
  readonly legend: readonly { readonly tone: 'sun' | 'tide' | 'mist'; readonly label: string }[];
  /** Plots of one key show the same moment; undefined: it stands alone. */
  readonly syncKey?: string;
  /** Of its title, among the headings of the page. */
  readonly level?: 'h3' | 'h4';
}

/** Values over time, which follow their box and say what is under the pointer. */
export function ConsolePlot(props: ConsolePlotProps) {
  const { title, summary, data, fromS, toS, draw, readOut, legend, syncKey, level } = props;
  const Title = level ?? 'h4';
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  /** What a plot that is drawn anew shows. */
  const shown = useRef(props);
  shown.current = props;
  const pointed = useSignal<number | undefined>(undefined);
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    let opened: uPlot | undefined;
    // Growing text, as on a larger screen, is drawn anew; a new size alone is only followed.
    let remPx = 0;
    const follow = () => {
      const style = styleOf(box);
      const size = { width: box.clientWidth, height: box.clientHeight };
      if (size.width === 0) return;
      if (opened && style.remPx === remPx) {
        opened.setSize(size);
        return;
      }
      remPx = style.remPx;
      opened?.destroy();
      opened = new uPlot(
        {
          ...size,
          ...plotOptions(
            style,
            draw(style),
            () => [shown.current.fromS, shown.current.toS],
            syncKey,
          ),
          hooks: {
            setCursor: [
              ({ cursor }) => {
                pointed.value = cursor.idx ?? undefined;
              },
            ],
          },
        },
        shown.current.data,
        box,
      );
      plot.current = opened;
    };
    follow();
    const observer = new ResizeObserver(follow);
    observer.observe(box);
    return () => {
      observer.disconnect();
      opened?.destroy();
      plot.current = undefined;
    };
  }, [draw, pointed, syncKey]);
  // Another span is drawn with the same data.
  useEffect(() => plot.current?.setData(data), [data, fromS, toS]);
  const read = pointed.value === undefined ? undefined : readOut(pointed.value);
  return (
    <figure class="console-plot">
      <figcaption>
        <Title>{title}</Title>
        {read === undefined ? (
          <p class="console-legend">
            {legend.map(({ tone, label }) => (
              <span key={label} class={`tone-${tone}`}>
                {label}
              </span>
            ))}
          </p>
        ) : (
          <p>{read}</p>
        )}
      </figcaption>
      <div class="console-canvas" role="img" aria-label={summary} ref={place} />
    </figure>
  );
}

function styleOf(element: HTMLElement): PlotStyle {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    sun: colour('--sun'),
    tide: colour('--tide'),
    mist: colour('--mist'),
    line: colour('--line'),
    ground: colour('--surface'),
    remPx: Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
  };
}

const DAY_S = 24 * 60 * 60;

function plotOptions(
  style: PlotStyle,
  { series, y }: { readonly series: uPlot.Series[]; readonly y: uPlot.Axis },
  span: () => [number, number],
  syncKey: string | undefined,
): Omit<uPlot.Options, 'width' | 'height'> {
  const axis: uPlot.Axis = {
    stroke: style.mist,
    font: `${0.75 * style.remPx}px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: style.line, width: 1 },
    ticks: { show: false },
    gap: 0.4 * style.remPx,
  };
  return {
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      ...(syncKey === undefined ? {} : { sync: { key: syncKey } }),
    },
    // Beside the last label, which may stand at the very end.
    padding: [0.5 * style.remPx, 1.5 * style.remPx, 0, 0],
    scales: {
      x: { time: true, range: span },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max) * 1.1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 1.6 * style.remPx,
        space: 4 * style.remPx,
        values: (_plot, splits, _axis, _space, everyS) => splits.map((s) => momentLabel(s, everyS)),
      },
      { ...axis, size: 2.6 * style.remPx, space: 2.2 * style.remPx, ...y },
    ],
    series: [{}, ...series],
  };
}

/** "14:00"; "Sat 14" at midnight, and where there is a label a day. */
function momentLabel(atS: number, everyS: number): string {
  const at = new Date(atS * 1000);
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
  if (everyS < DAY_S && !isMidnight) return formatTime(at.getTime());
  return at.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric' });
}

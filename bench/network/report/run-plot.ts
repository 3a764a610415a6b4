import { findFreezes, frozenMs } from '../../../gate/freezes.ts';
import { element } from '../../../gate/report/markup.ts';
import {
  dots,
  frame,
  line,
  marks,
  type PlotArea,
  roundUp,
  spans,
  steps,
  xAxis,
} from '../../../gate/report/plot.ts';
import { figure } from '../../../gate/report/table.ts';
import type { RunRecord } from '../measure/run-record.ts';
import { summarize } from '../measure/run-summary.ts';

/** A phone's width less its margins: there a unit is a pixel. */
const WIDTH = 340;
const LEFT = 34;
const RIGHT = 6;
/** For a title above a strip. */
const HEAD = 24;
const FOOT = 16;
const HEIGHTS = { rate: 84, queue: 60, latency: 84 };
const MARK_HEIGHT = 7;

/** The upper edges of the strips, common to all senders over a profile: they are to be compared. */
export interface Extents {
  readonly durationMs: number;
  readonly rateMbps: number;
  readonly queueMs: number;
  readonly latencyMs: number;
}

/** A few stragglers are drawn at the edge, so that the others can be told apart. */
const LATENCY_SHARE = 0.97;
const RATE_PARTS = 2;
const QUEUE_PARTS = 2;
const LATENCY_PARTS = 2;

export function extentsOf(records: readonly RunRecord[]): Extents {
  const link = records.flatMap((record) => record.link);
  const delivered = Math.max(1, ...link.map(({ deliveredBps }) => deliveredBps / 1e6));
  const capacity = Math.max(1, ...link.map(({ capacityBps }) => capacityBps / 1e6));
  const queue = Math.max(10, ...link.map(({ maxQueueDelayMs }) => maxQueueDelayMs));
  const latencies = records
    .flatMap(({ presses }) => presses.map(({ latencyMs }) => latencyMs))
    .toSorted((a, b) => a - b);
  const latency = latencies[Math.floor(latencies.length * LATENCY_SHARE)] ?? 100;
  return {
    durationMs: Math.max(1, ...records.map(({ durationMs }) => durationMs)),
    // A link far wider than what is sent would press that to the ground: its line stays outside.
    rateMbps: roundUp(
      Math.min(Math.max(delivered, 1) * 1.25, Math.max(delivered, capacity)),
      RATE_PARTS,
    ),
    queueMs: roundUp(queue, QUEUE_PARTS),
    latencyMs: roundUp(latency, LATENCY_PARTS),
  };
}

/** One measurement over time: rates, queue with losses, latency of presses, freezes behind all. */
export function runPlot(record: RunRecord, extents: Extents): string {
  const areas = layOut(extents);
  const freezes = findFreezes(record.framesMs, record.durationMs, record.frameRate);
  const frozen = freezes.map(({ fromMs, toMs }) => ({ from: fromMs / 1000, to: toMs / 1000 }));
  const shade = Object.values(areas).map((area) => spans(area, frozen, 'freeze'));
  const bottom = areas.latency.top + areas.latency.height;
  const content = [
    ...shade,
    rateStrip(record, areas.rate),
    queueStrip(record, areas.queue),
    latencyStrip(record, areas.latency),
    xAxis(areas.latency, 's'),
  ].join('');
  return element(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${bottom + FOOT}`,
      role: 'img',
      'aria-label': describe(record, freezes.length, frozenMs(freezes, record.frameRate)),
    },
    content,
  );
}

function layOut({ durationMs, rateMbps, queueMs, latencyMs }: Extents) {
  const area = (top: number, height: number, yMax: number): PlotArea => ({
    left: LEFT,
    top,
    width: WIDTH - LEFT - RIGHT,
    height,
    x: [0, durationMs / 1000],
    yMax,
  });
  const rate = area(HEAD, HEIGHTS.rate, rateMbps);
  const queue = area(rate.top + rate.height + HEAD, HEIGHTS.queue, queueMs);
  const latency = area(queue.top + queue.height + HEAD, HEIGHTS.latency, latencyMs);
  return { rate, queue, latency };
}

function rateStrip({ link }: RunRecord, area: PlotArea): string {
  const seconds = link.map((sample) => ({ ...sample, x: sample.atMs / 1000 }));
  const capacity = seconds.map(({ x, capacityBps }) => ({ x, y: capacityBps / 1e6 }));
  const delivered = seconds.map(({ x, deliveredBps }) => ({ x, y: deliveredBps / 1e6 }));
  const visible = capacity.some(({ y }) => y <= area.yMax);
  return (
    frame(area, visible ? 'Rate and link' : 'Rate (the link is wider)', 'Mbit/s', RATE_PARTS) +
    (visible ? steps(area, capacity, 'capacity') : '') +
    line(area, delivered, 'rate')
  );
}

function queueStrip({ link }: RunRecord, area: PlotArea): string {
  const delay = link.map(({ atMs, maxQueueDelayMs }) => ({ x: atMs / 1000, y: maxQueueDelayMs }));
  const timesOf = (kind: 'lost' | 'dropped') =>
    link.filter((sample) => sample[kind] > 0).map(({ atMs }) => atMs / 1000);
  return (
    frame(area, 'Wait in the queue, losses', 'ms', QUEUE_PARTS) +
    line(area, delay, 'queue') +
    marks(area, timesOf('lost'), MARK_HEIGHT, 'lost') +
    marks(area, timesOf('dropped'), 2 * MARK_HEIGHT, 'dropped')
  );
}

function latencyStrip({ presses }: RunRecord, area: PlotArea): string {
  const points = presses.map(({ atMs, latencyMs }) => ({ x: atMs / 1000, y: latencyMs }));
  return (
    frame(area, 'Click to photon', 'ms', LATENCY_PARTS) +
    dots(
      area,
      points.filter(({ y }) => y <= area.yMax),
      'latency',
    ) +
    dots(
      area,
      points.filter(({ y }) => y > area.yMax),
      'beyond',
    )
  );
}

function describe(record: RunRecord, freezes: number, frozen: number): string {
  const { latencyP50Ms, latencyP95Ms, deliveredBps } = summarize(record);
  return [
    `${record.sender} over ${record.profile}:`,
    `click to photon ${figure(latencyP50Ms)} ms (median), ${figure(latencyP95Ms)} ms (95 %),`,
    `${figure(deliveredBps / 1e6)} Mbit/s, freezes: ${freezes}, ${figure(frozen)} ms altogether.`,
  ].join(' ');
}

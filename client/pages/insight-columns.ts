import type { InsightFigures, InsightReport } from '../../protocol/studio-insight.ts';

/** One value of every slot, the oldest first; null: none of its sessions measured that. */
export type InsightColumn = (number | null)[];

/** What is drawn over time; columns of equal length, one value a slot, those without sessions included. */
export interface InsightColumns {
  /** When each slot begins, epoch seconds. */
  readonly atS: number[];
  readonly sessions: number[];
  readonly players: number[];
  readonly minutes: number[];
  readonly p50Ms: InsightColumn;
  readonly p95Ms: InsightColumn;
  readonly gameMs: InsightColumn;
  readonly streamMs: InsightColumn;
  readonly networkMs: InsightColumn;
  readonly frameRate: InsightColumn;
  readonly freezesPerHour: InsightColumn;
}

export function insightColumns({ fromMs, nowMs, slotMs, slots }: InsightReport): InsightColumns {
  const byTime = new Map(slots.map(({ atMs, figures }) => [atMs, figures]));
  const times: number[] = [];
  for (let atMs = fromMs; atMs <= nowMs; atMs += slotMs) times.push(atMs);
  const column = (value: (figures: InsightFigures) => number | null): InsightColumn =>
    times.map((atMs) => {
      const figures = byTime.get(atMs);
      return figures ? value(figures) : null;
    });
  const amount = (value: (figures: InsightFigures) => number) =>
    column(value).map((one) => one ?? 0);
  return {
    atS: times.map((atMs) => atMs / 1000),
    sessions: amount(({ sessions }) => sessions),
    players: amount(({ players }) => players),
    minutes: amount(({ lastedMs }) => lastedMs / 60_000),
    p50Ms: column(({ clickToPhotonP50Ms }) => clickToPhotonP50Ms),
    p95Ms: column(({ clickToPhotonP95Ms }) => clickToPhotonP95Ms),
    gameMs: column(({ stagesMs }) => partMs(stagesMs, 'game')),
    streamMs: column(({ stagesMs }) => partMs(stagesMs, 'stream')),
    networkMs: column(({ stagesMs }) => partMs(stagesMs, 'network')),
    frameRate: column(({ frameRate }) => frameRate),
    freezesPerHour: column(({ freezesPerHour }) => freezesPerHour),
  };
}

/** Whose time a stage is: the game's, that of making and showing a stream of it, or the network's. */
export const STAGE_PARTS = {
  game: ['wait', 'render'],
  stream: ['encode', 'decode', 'present'],
  network: ['uplink', 'network'],
} as const;
export type StagePart = keyof typeof STAGE_PARTS;

/** What a part of the way costs, milliseconds: the sum of the usual session's medians. */
export function partMs(stagesMs: InsightFigures['stagesMs'], part: StagePart): number | null {
  if (stagesMs === null) return null;
  return STAGE_PARTS[part].reduce((sum, stage) => sum + stagesMs[stage], 0);
}

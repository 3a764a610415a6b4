import { LATENCY_STAGES } from '../../../protocol/latency-stages.ts';
import type { InsightFigures } from '../../../protocol/studio-insight.ts';

/** One line of the export: how a build's sessions of one slot were. */
export interface InsightRow {
  readonly slotAtMs: number;
  readonly slotMs: number;
  /** Undefined: a game that its container has itself. */
  readonly build: { readonly number: number; readonly label: string } | undefined;
  readonly figures: InsightFigures;
}

const COLUMNS = [
  'from',
  'until',
  'build',
  'label',
  'sessions',
  'players',
  'minutes',
  'click_to_photon_p50_ms',
  'click_to_photon_p95_ms',
  ...LATENCY_STAGES.map((stage) => `${stage}_p50_ms`),
  'frames_per_second',
  'freezes_per_hour',
  'frozen_percent',
];

/** The export, as RFC 4180 has it: UTF-8, a header, CRLF. What was not measured is empty. */
export function insightCsv(rows: readonly InsightRow[]): string {
  const lines = [COLUMNS, ...rows.map(cellsOf)];
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

function cellsOf({ slotAtMs, slotMs, build, figures }: InsightRow): (string | number | null)[] {
  const { stagesMs } = figures;
  return [
    new Date(slotAtMs).toISOString(),
    new Date(slotAtMs + slotMs).toISOString(),
    build?.number ?? null,
    build?.label ?? null,
    figures.sessions,
    figures.players,
    rounded(figures.lastedMs / 60_000),
    rounded(figures.clickToPhotonP50Ms),
    rounded(figures.clickToPhotonP95Ms),
    ...LATENCY_STAGES.map((stage) => rounded(stagesMs?.[stage] ?? null)),
    rounded(figures.frameRate),
    rounded(figures.freezesPerHour),
    rounded(figures.frozenShare === null ? null : figures.frozenShare * 100),
  ];
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}

/**
 * One cell. A text that a spreadsheet would take for a formula gets an apostrophe in front, which
 * spreadsheets show as the text it was: labels come from other people's scripts.
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

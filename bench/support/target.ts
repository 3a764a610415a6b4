import { figure, type Table } from '../../gate/report/table.ts';

/** A figure the project sets itself, on 2 cores with nothing else running. */
export interface Target {
  readonly what: string;
  readonly measured: number;
  /** Where the truth lies for certain, where that is known: a limit in between decides nothing. */
  readonly lowest?: number;
  readonly highest?: number;
  readonly limit: number;
  readonly unit: string;
  /** `at-most` unless said otherwise. */
  readonly sense?: 'at-most' | 'at-least';
}

/** The word beside a figure. It never decides an exit code: times depend on the machine. */
export function verdict({
  measured,
  lowest = measured,
  highest = measured,
  limit,
  sense = 'at-most',
}: Target): 'met' | 'missed' | 'undecided' {
  const holds = (value: number) => (sense === 'at-most' ? value <= limit : value >= limit);
  if (holds(lowest) !== holds(highest)) return 'undecided';
  return holds(measured) ? 'met' : 'missed';
}

function measuredText({ measured, lowest, highest, unit }: Target): string {
  const isKnown = Number.isFinite(lowest) && Number.isFinite(highest);
  const text = figure(measured, unit);
  return isKnown ? `${text} (${figure(lowest ?? 0)} to ${figure(highest ?? 0)})` : text;
}

export function targetTable(title: string, targets: readonly Target[]): Table {
  return {
    title,
    head: ['figure', 'measured', 'target', 'verdict'],
    rows: targets.map((target) => [
      target.what,
      measuredText(target),
      `${target.sense === 'at-least' ? '≥' : '≤'} ${target.limit}${target.unit && ` ${target.unit}`}`,
      verdict(target),
    ]),
  };
}

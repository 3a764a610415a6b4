import { figure, type Table } from '../../gate/report/table.ts';

/** A figure the project sets itself, on 2 cores with nothing else running. */
export interface Target {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
  readonly unit: string;
  /** `at-most` unless said otherwise. */
  readonly sense?: 'at-most' | 'at-least';
}

/** The word beside a figure. It never decides an exit code: times depend on the machine. */
export function verdict({ measured, limit, sense = 'at-most' }: Target): 'met' | 'missed' {
  return (sense === 'at-most' ? measured <= limit : measured >= limit) ? 'met' : 'missed';
}

export function targetTable(title: string, targets: readonly Target[]): Table {
  return {
    title,
    head: ['figure', 'measured', 'target', 'verdict'],
    rows: targets.map((target) => [
      target.what,
      figure(target.measured, target.unit),
      `${target.sense === 'at-least' ? '≥' : '≤'} ${target.limit}${target.unit && ` ${target.unit}`}`,
      verdict(target),
    ]),
  };
}

import type { BrowserName, Measurement } from './result.ts';
import type { Scenario } from './scenario.ts';

/** What has figures of its own: a scenario over one network in one browser. */
export interface Cell {
  readonly scenario: Scenario;
  readonly profile: string;
  readonly browser: BrowserName;
}

/** A cell by its names, as results have it. */
export type CellName = Pick<Measurement, 'scenario' | 'profile' | 'browser'>;

/** Networks and browsers in place of those that scenarios name. */
export interface CellChoice {
  readonly profiles?: readonly string[] | undefined;
  readonly browsers?: readonly BrowserName[] | undefined;
}

export function cellsOf(scenarios: readonly Scenario[], choice: CellChoice): Cell[] {
  return scenarios.flatMap((scenario) =>
    (choice.browsers ?? scenario.browsers).flatMap((browser) =>
      (choice.profiles ?? scenario.profiles).map((profile) => ({ scenario, profile, browser })),
    ),
  );
}

export function nameOf({ scenario, profile, browser }: Cell): CellName {
  return { scenario: scenario.name, profile, browser };
}

/** The same for all that is of one cell, and for nothing else. */
export function cellKey({ scenario, profile, browser }: CellName): string {
  return JSON.stringify([scenario, profile, browser]);
}

/** As a person reads it. */
export function cellText({ scenario, profile, browser }: Cell): string {
  return `${scenario.name} over ${profile} in ${browser}`;
}

import type { BrowserName } from './result.ts';
import type { Scenario } from './scenario.ts';

/** What has figures of its own: a scenario over one network in one browser. */
export interface Cell {
  readonly scenario: Scenario;
  readonly profile: string;
  readonly browser: BrowserName;
}

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

/** As a person reads it. */
export function cellText({ scenario, profile, browser }: Cell): string {
  return `${scenario.name} over ${profile} in ${browser}`;
}

import type { Result } from '../result.ts';
import { cellsOf, cellTitle } from './cells.ts';
import { overviewTable, worstFirst } from './result-tables.ts';
import {
  harnessText,
  headline,
  machineText,
  OUTCOME_WORDS,
  sidesText,
  unusedRuns,
  warnings,
} from './summary.ts';
import { renderTable } from './table.ts';

/** Everything a person at a terminal needs: figures, what became of budgets and why, and the gist last. */
export function renderTerminal(result: Result, baseline?: Result): string {
  const cells = cellsOf(result, baseline);
  const problems = unusedRuns(result).map((line) => `✗ ${line}`);
  const verdicts = worstFirst(result.verdicts).map(
    (one) => `${OUTCOME_WORDS[one.outcome]}  ${one.figure}, ${cellTitle(one)}: ${one.why}`,
  );
  const blocks = [
    [machineText(result), sidesText(result)].filter(Boolean).join('\n'),
    ...(cells.length > 0 ? [renderTable(overviewTable(cells))] : []),
    harnessText(result) ?? '',
    problems.join('\n'),
    verdicts.join('\n'),
    warnings(result)
      .map((one) => `· ${one}`)
      .join('\n'),
    headline(result),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

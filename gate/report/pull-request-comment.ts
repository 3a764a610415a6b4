import type { Result } from '../result.ts';
import { cellsOf, cellTitle } from './cells.ts';
import { escaped } from './markup.ts';
import { figureTable, overviewTable, verdictTable, worstFirst } from './result-tables.ts';
import { headline, machineText, sidesText, unusedRuns, warnings } from './summary.ts';
import { renderMarkdown, type Table } from './table.ts';

/** What finds the comment again, so that the next run replaces it: nobody reads ten of them. */
export const COMMENT_MARK = '<!-- rockpool bench -->';

/** GitHub takes 65,536 characters in a comment, GitLab a million. */
const LONGEST = 60_000;

/** The result as a comment on a pull request: what failed first, all figures folded away. */
export function renderPullRequestComment(result: Result, baseline?: Result): string {
  const cells = cellsOf(result, baseline);
  const failed = worstFirst(result.verdicts).filter(({ outcome }) => outcome !== 'pass');
  const compared = sidesText(result);
  const [first, ...parts] = [
    `${COMMENT_MARK}\n\n### Latency gate: ${escapedMarkdown(headline(result))}`,
    ...(compared ? [escapedMarkdown(compared)] : []),
    ...failed.map((one) => {
      const what = `${one.figure}, ${cellTitle(one)}: ${one.why}`;
      return `- **${one.outcome}** ${escapedMarkdown(what)}`;
    }),
    ...foldedRuns(result),
    ...warnings(result).map((line) => `- ${escapedMarkdown(line)}`),
    ...(result.verdicts.length > 0 ? [tableOf(verdictTable(result))] : []),
    ...(cells.length > 0 ? [folded('Figures', tableOf(overviewTable(cells)))] : []),
    `<sub>${escapedMarkdown(machineText(result))}</sub>`,
    ...cells.map((cell) => folded(cellTitle(cell), tableOf(figureTable(cell)))),
  ];
  let text = first;
  // What matters most comes first; of the rest, what there is room for.
  for (const part of parts) {
    const longer = `${text}\n\n${part}`;
    if (longer.length <= LONGEST) text = longer;
  }
  return `${text}\n`;
}

/** Of more runs than these a reader wants the reasons at hand, and not in the way. */
const SHOWN_RUNS = 3;

function foldedRuns(result: Result): string[] {
  const lines = unusedRuns(result).map((line) => `- ${escapedMarkdown(line)}`);
  const more = lines.slice(SHOWN_RUNS);
  if (more.length === 0) return lines;
  return [...lines.slice(0, SHOWN_RUNS), folded(`${more.length} more`, more.join('\n'))];
}

function folded(title: string, content: string): string {
  // Markup around text is markup: no Markdown is read in it.
  return `<details><summary>${uncalled(escaped(title))}</summary>\n\n${content}\n\n</details>`;
}

function tableOf({ title, head, rows }: Table): string {
  const texts = (cells: readonly string[]) => cells.map(escapedMarkdown);
  return renderMarkdown({
    title: escapedMarkdown(title),
    head: texts(head),
    rows: rows.map(texts),
  });
}

/** As text, whatever a scenario or a git ref is called. The bars of tables are the table's business. */
function escapedMarkdown(text: string): string {
  const plain = text
    .replaceAll('\\', '\\\\')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[`*_[\]~#]/g, '\\$&')
    .replace(/\s+/g, ' ');
  return uncalled(plain);
}

/** With something unseen behind their sign, nobody is called to a pull request by the name of a branch. */
function uncalled(text: string): string {
  return text.replaceAll('@', '@\u200b');
}

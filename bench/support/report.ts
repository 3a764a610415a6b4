import { busyWarning, machineLine } from './machine.ts';
import type { BenchResult } from './results.ts';
import { renderMarkdown } from './table.ts';

const BEGIN = '<!-- results: written by `npm run bench -- report` -->';
const END = '<!-- end of results -->';

/** One section for each result, with its machine, its command and its tables. */
export function renderReport(results: readonly BenchResult[]): string {
  const sections = results.map(({ bench, at, command, machine, tables, notes }) =>
    [
      `### ${bench}`,
      `\`${command}\`, ${at.slice(0, 10)}, ${machineLine(machine).split('\n')[0]}.`,
      ...[busyWarning(machine)].filter((line) => line !== undefined),
      ...tables.map(renderMarkdown),
      notes.map((note) => `- ${note}`).join('\n'),
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
  return sections.join('\n\n');
}

/**
 * The page with what stands between the two markers replaced.
 * @throws Error where the page does not have both, in this order.
 */
export function replaceReport(page: string, report: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`The page needs the lines "${BEGIN}" and "${END}".`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${report}\n\n${page.slice(end)}`;
}

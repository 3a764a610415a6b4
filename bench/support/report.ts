import { renderMarkdown } from '../../gate/report/table.ts';
import { busyWarning, machineLine } from './machine.ts';
import type { BenchResult } from './results.ts';

const BEGIN = '<!-- results: written by `npm run bench -- report` -->';
const END = '<!-- end of results -->';

/** The section of a result, with its machine, its command and its tables. */
export function renderSection(result: BenchResult): string {
  const { bench, at, command, machine, tables, notes } = result;
  return [
    `### ${bench}`,
    `\`${command}\`, ${at.slice(0, 10)}, ${machineLine(machine).split('\n')[0]}.`,
    ...[busyWarning(machine)].filter((line) => line !== undefined),
    ...tables.map(renderMarkdown),
    notes.map((note) => `- ${note}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/**
 * The page with sections between the two markers replaced or added, in the order of the benches' names.
 * Those of benches that were not run stay as they are.
 * @throws Error where the page does not have both, in this order.
 */
export function replaceSections(page: string, sections: readonly string[]): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`The page needs the lines "${BEGIN}" and "${END}".`);
  const known = page.slice(begin + BEGIN.length, end).split(/^(?=### )/m);
  const byName = new Map<string, string>();
  for (const section of [...known, ...sections]) {
    const name = /^### (.+)/.exec(section)?.[1];
    if (name !== undefined) byName.set(name, section.trim());
  }
  const report = [...byName.keys()].sort().map((name) => byName.get(name));
  return `${page.slice(0, begin + BEGIN.length)}\n\n${report.join('\n\n')}\n\n${page.slice(end)}`;
}

import { z } from 'zod';

export const tableSchema = z.strictObject({
  title: z.string(),
  head: z.array(z.string()),
  rows: z.array(z.array(z.string())),
});

/** Cells as they are printed. The first column is text, the others are figures. */
export type Table = z.infer<typeof tableSchema>;

/** Three significant digits, and never more than two after the point; a dash for what is not known. */
export function figure(value: number, unit = ''): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit && ` ${unit}`}`;
}

/** For a terminal: columns aligned, figures to the right. */
export function renderTable({ title, head, rows }: Table): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((cells) => [...(cells[column] ?? '')].length)),
  );
  const pad = (cell: string, column: number) => {
    const gap = ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length));
    return column === 0 ? cell + gap : gap + cell;
  };
  const render = (cells: readonly string[]) =>
    head
      .map((_, column) => pad(cells[column] ?? '', column))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [title, rule, render(head), rule, ...rows.map(render), rule].join('\n');
}

/** For a page: a GitHub-flavoured Markdown table under its title in bold. */
export function renderMarkdown({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${head.map((_, column) => (cells[column] ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = `|${head.map((_, column) => (column === 0 ? '---' : '---:')).join('|')}|`;
  return [`**${title}**`, '', line(head), rule, ...rows.map(line)].join('\n');
}

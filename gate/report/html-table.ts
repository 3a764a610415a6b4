import { element, escaped } from './markup.ts';
import type { Table } from './table.ts';

/** A table of figures as a part of a page; its first column heads the rows. */
export function renderHtmlTable({ title, head, rows }: Table): string {
  const heads = head.map((cell) => element('th', { scope: 'col' }, escaped(cell))).join('');
  const lines = rows.map((cells) =>
    element(
      'tr',
      {},
      cells
        .map((cell, column) => {
          if (column === 0) return element('th', { scope: 'row' }, escaped(cell));
          const isVerdict = cell === 'met' || cell === 'missed';
          return element('td', isVerdict ? { class: cell } : {}, escaped(cell));
        })
        .join(''),
    ),
  );
  const table = element(
    'table',
    {},
    element('caption', {}, escaped(title)) +
      element('thead', {}, element('tr', {}, heads)) +
      element('tbody', {}, lines.join('\n')),
  );
  // A region that scrolls has to be reachable by keyboard.
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title },
    table,
  );
}

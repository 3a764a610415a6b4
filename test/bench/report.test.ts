import { describe, expect, it } from 'vitest';
import { renderSection, replaceSections } from '../../bench/support/report.ts';
import type { BenchResult } from '../../bench/support/results.ts';
import { figure, renderMarkdown, renderTable } from '../../gate/report/table.ts';

const table = {
  title: 'Times',
  head: ['what', 'ms'],
  rows: [
    ['a | b', '1.50'],
    ['c', '120'],
  ],
};

const result: BenchResult = {
  bench: 'click-to-photon',
  at: '2026-01-02T03:04:05.000Z',
  command: 'npm run bench -- click-to-photon',
  machine: {
    cores: 2,
    model: 'Test processor',
    memoryGiB: 8,
    node: '20.19.0',
    chromium: 'Chromium 150',
    loadBefore: 0.1,
  },
  tables: [table],
  notes: ['Something was skipped.'],
  data: undefined,
};

const page = (between: string) =>
  `# Page\n\n<!-- results: written by \`npm run bench -- report\` -->${between}<!-- end of results -->\n\nAfter.\n`;

describe('figure', () => {
  it.each([
    [3, '3'],
    [1.23456, '1.23'],
    [12.3456, '12.3'],
    [123.456, '123'],
    [Number.NaN, '–'],
  ])('writes %d as %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});

describe('renderTable', () => {
  it('aligns figures to the right', () => {
    expect(renderTable(table).split('\n')).toEqual([
      'Times',
      '───────────',
      'what     ms',
      '───────────',
      'a | b  1.50',
      'c       120',
      '───────────',
    ]);
  });
});

describe('renderMarkdown', () => {
  it('escapes what would end a cell', () => {
    expect(renderMarkdown(table)).toBe(
      '**Times**\n\n| what | ms |\n|---|---:|\n| a \\| b | 1.50 |\n| c | 120 |',
    );
  });
});

describe('replaceSections', () => {
  it('puts sections between the markers, by name, and leaves all else', () => {
    const once = replaceSections(page('\n'), ['### soak\n\nslow', '### lan\n\nfast']);
    expect(once).toBe(page('\n\n### lan\n\nfast\n\n### soak\n\nslow\n\n'));
    expect(replaceSections(once, ['### lan\n\nfast'])).toBe(once);
  });

  it('replaces the section of a bench that was run again, and keeps those of others', () => {
    const before = page('\n\n### lan\n\n| old |\n\n### soak\n\nslow\n\n');
    expect(replaceSections(before, ['### lan\n\nnew'])).toBe(
      page('\n\n### lan\n\nnew\n\n### soak\n\nslow\n\n'),
    );
  });

  it('refuses a page without markers', () => {
    expect(() => replaceSections('# Page\n', ['### lan'])).toThrow(/end of results/);
  });
});

describe('renderSection', () => {
  it('names command, day and machine beside the figures', () => {
    const report = renderSection(result);
    expect(report).toContain('### click-to-photon');
    expect(report).toContain('`npm run bench -- click-to-photon`, 2026-01-02, 2 cores');
    expect(report).toContain('- Something was skipped.');
    expect(report).not.toContain('NOT QUIET');
  });

  it('warns of figures from a busy machine', () => {
    const busy = { ...result, machine: { ...result.machine, loadBefore: 3 } };
    expect(renderSection(busy)).toContain('NOT QUIET: the load was 3.0');
    const stolen = { ...result, machine: { ...result.machine, stolenShare: 0.14 } };
    expect(renderSection(stolen)).toContain('NOT QUIET: others on the host took 14 %');
    const hardly = { ...result, machine: { ...result.machine, stolenShare: 0.004 } };
    expect(renderSection(hardly)).not.toContain('NOT QUIET');
  });
});

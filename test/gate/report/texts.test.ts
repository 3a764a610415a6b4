import { describe, expect, it } from 'vitest';
import {
  COMMENT_MARK,
  renderPullRequestComment,
} from '../../../gate/report/pull-request-comment.ts';
import { renderTerminal } from '../../../gate/report/terminal.ts';
import { judgedResult } from '../../support/gate/judged-result.ts';

const result = judgedResult();

describe('renderTerminal', () => {
  const text = renderTerminal(result);

  it('shows each cell and side, what failed and why, and the gist last', () => {
    expect(text).toMatch(/^skimmer over lan, Chromium +a +10 /m);
    expect(text).toMatch(/^skimmer over wifi, Chromium +b +10 /m);
    for (const { why } of result.verdicts) expect(text).toContain(why);
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^\d of 8 budgets failed/);
  });

  it('puts what failed before what passed', () => {
    expect(text.indexOf('✗ fail')).toBeLessThan(text.indexOf('✓ pass'));
  });

  it('tells what the measuring itself cost, the most of all runs', () => {
    const [one] = result.measurements;
    if (!one) throw new Error('no measurement');
    const measurements = [0.06, 0.153, 0.1].map((harnessCpuCores) => ({
      ...one,
      values: { ...one.values, harnessCpuCores },
    }));
    const told = renderTerminal({ ...result, measurements });
    expect(told).toMatch(/^Measuring itself took 0\.15 of \d+ cores? at most\.$/m);
  });

  it('warns of a machine that was not quiet', () => {
    const machine = { ...result.machine, loadBefore: 3.2 };
    expect(renderTerminal({ ...result, machine })).toContain('its load was 3.2');
    expect(text).not.toContain('its load was');
  });

  it('tells of a run that could not be used', () => {
    const problem = { code: 'no-picture', what: 'The game showed no picture in 30 s.' };
    const measurements = result.measurements.map((one, i) => (i === 0 ? { ...one, problem } : one));
    const told = renderTerminal({ ...result, measurements });
    expect(told).toContain('run 1 of a, skimmer over lan, Chromium: The game showed no picture');
    expect(told).toContain('1 run could not be used.');
  });

  it('has something to say of nothing', () => {
    const nothing = { ...result, measurements: [], verdicts: [] };
    expect(renderTerminal(nothing)).toContain('Measured; no budget applied.');
  });
});

describe('renderPullRequestComment', () => {
  it('begins with the mark by which it is replaced, and with what failed', () => {
    const lines = renderPullRequestComment(result).split('\n');
    expect(lines[0]).toBe(COMMENT_MARK);
    expect(lines.find((line) => line.startsWith('- **'))).toMatch(/^- \*\*fail\*\* clickToPhoton/);
  });

  it('shows names as text, and calls nobody', () => {
    const sides = { ...result.sides, b: { name: '<img src=x> **@everyone** `x` [y](z) a|b' } };
    const text = renderPullRequestComment({ ...result, sides });
    expect(text).not.toContain('<img');
    expect(text).not.toContain('@everyone');
    expect(text).not.toContain('**@');
    expect(text).toContain('\\[y\\](z)');
  });

  it('says why runs could not be used, the first of them at once', () => {
    const measurements = result.measurements.map((one, i) => ({
      ...one,
      ...(i < 5 && { problem: { code: 'broken', what: `It broke for the ${i}th time.` } as const }),
    }));
    const text = renderPullRequestComment({ ...result, measurements });
    const fold = text.indexOf('<summary>2 more</summary>');
    expect(text.indexOf('It broke for the 2th time.')).toBeLessThan(fold);
    expect(text.indexOf('It broke for the 4th time.')).toBeGreaterThan(fold);
    expect(renderPullRequestComment(result)).not.toContain('more</summary>');
  });

  it('keeps to what a comment may hold', () => {
    const [one] = result.measurements;
    if (!one) throw new Error('no measurement');
    const many = Array.from({ length: 120 }, (_, i) => ({
      ...one,
      histograms: {},
      scenario: `scenario-${i}-${'x'.repeat(80)}`,
    }));
    const text = renderPullRequestComment({ ...result, measurements: many });
    const whole = renderPullRequestComment({ ...result, measurements: many.slice(0, 5) });
    expect(many.length * (whole.length / 5)).toBeGreaterThan(65_536);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('scenario-119-');
  });

  it('has tables that GitHub takes for such: as many cells in each line', () => {
    const blocks = renderPullRequestComment(result).split('\n\n');
    const tables = blocks.filter((block) => block.startsWith('| '));
    expect(tables.length).toBeGreaterThan(2);
    for (const table of tables) {
      const counts = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(counts).size).toBe(1);
    }
  });
});

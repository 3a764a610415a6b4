import { describe, expect, it } from 'vitest';
import { figureText } from '../../../gate/figure-text.ts';
import { FIGURES } from '../../../gate/figures.ts';
import { cellsOf } from '../../../gate/report/cells.ts';
import { renderHtml } from '../../../gate/report/html.ts';
import { judgedResult } from '../../support/gate/judged-result.ts';

const result = judgedResult();
const page = renderHtml(result);

/** What a person reads. */
function textOf(html: string): string {
  return html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

describe('renderHtml', () => {
  it('loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/\b(src|href|srcset|data)=/);
    expect(page).not.toMatch(/url\(|@import|<script|\bon\w+=/);
    expect(page).toContain(`default-src 'none'`);
  });

  it('shows the figures of the result', () => {
    const text = textOf(page);
    for (const cell of cellsOf(result)) {
      for (const side of cell.sides) {
        for (const name of ['clickToPhoton.p95Ms', 'firstFrameMs', 'bitrateBps', 'network.p95Ms']) {
          const unit = FIGURES.get(name)?.unit ?? 'ms';
          expect(text).toContain(figureText(side.figure(name) ?? Number.NaN, unit));
        }
      }
    }
    for (const { why } of result.verdicts) expect(text).toContain(why);
    expect(text).toContain(result.machine.model);
    expect(text).toContain('Chromium 150.0.1.2');
  });

  it('marks every freeze of every run in each of its time lines', () => {
    const freezes = result.measurements.reduce((sum, { freezes: of }) => sum + of.length, 0);
    expect(freezes).toBeGreaterThan(0);
    expect(page.split('class="freeze"').length - 1).toBe(3 * freezes + 2);
  });

  it('shows the ten worst frames of what is judged, the worst first, with what delayed each', () => {
    const [section = ''] = page.split('Worst frames').slice(1);
    const totals = [
      ...textOf(section).matchAll(/([\d.]+) ms: ([A-Z][a-z ]+) [\d.]+ ms \(run/g),
    ].map(([, total]) => Number(total));
    const shown = totals.slice(0, 10);
    expect(shown).toEqual(shown.toSorted((a, b) => b - a));
    const worst = result.measurements
      .filter(({ side, profile }) => side === 'b' && profile === 'lan')
      .flatMap(({ worstFrames }) => worstFrames.map(({ totalMs }) => totalMs));
    expect(shown[0]).toBeCloseTo(Math.max(...worst), 0);
  });

  it('shows names as text', () => {
    const measurements = result.measurements.map((one) => ({ ...one, scenario: '<i>"&' }));
    const nasty = renderHtml({ ...result, measurements, verdicts: [] });
    expect(nasty).not.toContain('<i>');
    expect(textOf(nasty)).toContain('<i>"& over lan');
  });

  it('has a page for a result without a single run', () => {
    const empty = renderHtml({ ...result, measurements: [], verdicts: [] });
    expect(textOf(empty)).toContain('Measured; no budget applied.');
  });
});

describe('renderHtml beside a baseline', () => {
  const judged = result.measurements.filter(({ side }) => side === 'b');
  const before = { ...result, measurements: judged.map((one) => ({ ...one })) };
  const text = textOf(renderHtml({ ...result, measurements: judged, verdicts: [] }, before));

  it('shows what was measured then, and by how much it differs', () => {
    expect(text).toContain('b − baseline');
    expect(text).toContain('baseline: 33.1 ms on average');
  });

  it('leaves the baseline out where another side was measured', () => {
    expect(textOf(renderHtml(result, before))).not.toContain('baseline');
  });
});

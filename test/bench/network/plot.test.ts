import { describe, expect, it } from 'vitest';
import {
  dots,
  frame,
  line,
  marks,
  type PlotArea,
  roundUp,
  spans,
  steps,
  xAxis,
} from '../../../gate/report/plot.ts';

/** 100 × 50 pixels at (10, 20) for 0 to 60 on the x axis and 0 to 10 on the y axis. */
const AREA: PlotArea = { left: 10, top: 20, width: 100, height: 50, x: [0, 60], yMax: 10 };

/** What a path draws. */
function pathOf(markup: string): string {
  return / d="([^"]*)"/.exec(markup)?.[1] ?? '';
}

describe('a line', () => {
  it('goes from point to point, upwards for more', () => {
    const markup = line(
      AREA,
      [
        { x: 0, y: 0 },
        { x: 30, y: 10 },
        { x: 60, y: 5 },
      ],
      'rate',
    );
    expect(pathOf(markup)).toBe('M10 70L60 20L110 45');
    expect(markup).toContain('class="line rate"');
  });

  it('stays inside where a value is beyond the scale', () => {
    expect(
      pathOf(
        line(
          AREA,
          [
            { x: 0, y: 99 },
            { x: 60, y: -1 },
          ],
          'rate',
        ),
      ),
    ).toBe('M10 20L110 70');
  });

  it('is nothing without points', () => {
    expect(line(AREA, [], 'rate')).toBe('');
  });
});

describe('steps', () => {
  it('hold a value until the next and to the end', () => {
    const points = [
      { x: 0, y: 8 },
      { x: 12, y: 8 },
      { x: 24, y: 2 },
      { x: 48, y: 8 },
    ];
    expect(pathOf(steps(AREA, points, 'capacity'))).toBe('M10 30H50V60H90V30H110');
  });
});

describe('dots', () => {
  it('are ends of lines without length, one for each point', () => {
    expect(
      pathOf(
        dots(
          AREA,
          [
            { x: 0, y: 10 },
            { x: 60, y: 0 },
          ],
          'latency',
        ),
      ),
    ).toBe('M10 20h0M110 70h0');
  });
});

describe('marks', () => {
  it('stand on the lower edge', () => {
    expect(pathOf(marks(AREA, [30], 7, 'lost'))).toBe('M60 70v-7');
  });
});

describe('spans', () => {
  it('cover the whole height', () => {
    const markup = spans(AREA, [{ from: 30, to: 36 }], 'freeze');
    expect(markup).toBe('<rect class="freeze" x="60" y="20" width="10" height="50"></rect>');
  });

  it('are wide enough to be seen', () => {
    expect(spans(AREA, [{ from: 30, to: 30.1 }], 'freeze')).toContain('width="1"');
  });
});

describe('a frame', () => {
  it('labels its lines with round values', () => {
    const labels = [...frame(AREA, 'Rate', 'Mbit/s', 2).matchAll(/class="tick y"[^>]*>([^<]*)/g)];
    expect(labels.map(([, label]) => label)).toEqual(['0', '5', '10']);
  });

  it('cannot be broken by its title', () => {
    expect(frame(AREA, '<b>&', '', 2)).toContain('&lt;b&gt;&amp;');
  });
});

describe('the x axis', () => {
  it('has a few round values, and the end with its unit', () => {
    const labels = [...xAxis(AREA, 's').matchAll(/>([^<]+)</g)].map(([, label]) => label);
    expect(labels).toEqual(['0', '10', '20', '30', '40', '50', '60 s']);
  });
});

describe('rounding up', () => {
  it.each([
    [13.2, 2, 20],
    [10, 2, 10],
    [101, 2, 200],
    [0.3, 2, 0.4],
    [970, 1, 1000],
  ])('makes %d into %d round parts of %d', (value, parts, expected) => {
    expect(roundUp(value, parts)).toBeCloseTo(expected);
  });

  it('gives a scale to a plot of nothing', () => {
    expect(roundUp(0, 2)).toBe(2);
    expect(roundUp(Number.NaN, 2)).toBe(2);
  });
});

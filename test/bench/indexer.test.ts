import { describe, expect, it } from 'vitest';
import { type GrowthSeries, growthPlot } from '../../bench/indexer/growth-plot.ts';
import { renderIndexerPage } from '../../bench/indexer/indexer-page.ts';
import { RARE_GAME, SimulatedPool } from '../../bench/indexer/simulated-pool.ts';
import { TicketSource } from '../../bench/indexer/ticket-kinds.ts';
import type { BenchResult } from '../../bench/support/results.ts';
import { ContainerIndex } from '../../signaling/indexer/container-index.ts';
import { decide } from '../../signaling/indexer/decide.ts';

describe('the simulated pool', () => {
  it('is the same for the same seed, heartbeats and all', () => {
    const [one, other] = [new SimulatedPool(40, 7), new SimulatedPool(40, 7)];
    expect(one.heartbeat()).toEqual(other.heartbeat());
    expect(one.candidates).toEqual(other.candidates);
    expect(new SimulatedPool(40, 8).candidates).not.toEqual(one.candidates);
  });

  it('has a container of its own for each number, and of each state', () => {
    const { candidates } = new SimulatedPool(2_000, 1);
    expect(new Set(candidates.map(({ containerId }) => containerId)).size).toBe(2_000);
    const states = new Set(candidates.map(({ state }) => state));
    expect(states).toEqual(new Set(['standby', 'busy', 'draining', 'quarantined']));
    const rare = candidates.filter(({ games }) => games.has(RARE_GAME)).length;
    expect(rare).toBeGreaterThan(0);
    expect(rare).toBeLessThan(10);
  });

  it('tells new figures of a container that offers what it did', () => {
    const pool = new SimulatedPool(1, 1);
    const [before] = pool.candidates;
    const after = pool.heartbeat();
    expect(pool.candidates).toEqual([after]);
    expect(after.games).toBe(before?.games);
    expect(after.quality).not.toEqual(before?.quality);
  });
});

describe('the kinds of ticket', () => {
  const pool = new SimulatedPool(2_000, 1);
  const tickets = new TicketSource(pool, 1);
  const index = new ContainerIndex();
  for (const candidate of pool.candidates) index.upsert(candidate);

  it('find what their names say', () => {
    const ordinary = decide(index, tickets.next('ordinary'));
    expect(ordinary.decision.ranked).toHaveLength(16);
    expect(decide(index, tickets.next('nothing fits')).problem).toBe('too-small');
    expect(decide(index, tickets.next('no such game')).problem).toBe('game-missing');
    const cheap = decide(index, tickets.next('low price limit')).decision.ranked;
    expect(cheap.length).toBeGreaterThan(0);
    expect(cheap.map(({ terms }) => terms.price)).toEqual(cheap.map(() => 0));
    const sources = (kind: 'ordinary' | 'nothing known of the ways') =>
      decide(index, tickets.next(kind)).decision.ranked.map(({ pathSource }) => pathSource);
    expect(new Set(sources('ordinary'))).toEqual(new Set(['history']));
    expect(new Set(sources('nothing known of the ways'))).toEqual(new Set(['unknown']));
  });

  it('know the measured paths of containers there are', () => {
    const { paths } = tickets.next('measured paths');
    expect(paths.size).toBeGreaterThan(0);
    for (const containerId of paths.keys()) expect(index.get(containerId)).toBeDefined();
  });
});

const SERIES: readonly GrowthSeries[] = [
  {
    title: 'ordinary <p99>',
    name: 'ordinary',
    points: [
      { containers: 100, us: 10 },
      { containers: 1_000, us: 100 },
      { containers: 10_000, us: 1_000 },
    ],
  },
];

describe('the plot of growth', () => {
  it('draws a straight line for what grows with the pool', () => {
    const markup = growthPlot(SERIES, []);
    const path = / class="line ordinary" d="M([^"]*)"/.exec(markup)?.[1] ?? '';
    const [first, second, third] = path.split('L').map((point) => point.split(' ').map(Number));
    const step = (from: number[] = [], to: number[] = []) => [
      (to[0] ?? 0) - (from[0] ?? 0),
      (to[1] ?? 0) - (from[1] ?? 0),
    ];
    const [dx, dy] = step(first, second);
    expect(dx).toBeGreaterThan(100);
    expect(dy).toBeLessThan(-50);
    expect(step(second, third)[0]).toBeCloseTo(dx ?? 0, 0);
    expect(step(second, third)[1]).toBeCloseTo(dy ?? 0, 0);
  });

  it('says in words what it shows, and marks what a decision may take', () => {
    const markup = growthPlot(SERIES, [{ containers: 10_000, us: 5_000 }]);
    expect(markup).toContain('10 µs over 100 containers, 1000 µs over 10000');
    expect(markup).toContain('class="limit"');
    expect(markup).toContain('>10,000<');
    expect(markup).toContain('ordinary &lt;p99&gt;');
  });

  it('has room for a decision that took no time', () => {
    const none = [{ title: 'none', name: 'ordinary', points: [{ containers: 10, us: 0 }] }];
    const more = [...none, ...SERIES];
    expect(growthPlot(more, [])).not.toContain('NaN');
    expect(growthPlot(more, [])).not.toContain('Infinity');
  });
});

describe('the page of the indexer', () => {
  const result: BenchResult = {
    bench: 'indexer',
    at: '2026-01-02T03:04:05.000Z',
    command: 'npm run bench -- indexer',
    machine: {
      cores: 2,
      model: 'a processor',
      memoryGiB: 4,
      node: '20',
      chromium: 'no Chromium',
      loadBefore: 3,
    },
    tables: [
      {
        title: 'Targets',
        head: ['figure', 'measured', 'target', 'verdict'],
        rows: [['p99 & more', '2 ms', '≤ 1 ms', 'missed']],
      },
    ],
    notes: ['a <note>'],
    data: [],
  };

  it('shows plot, tables and notes, and says when the machine was not quiet', () => {
    const page = renderIndexerPage({ result, series: SERIES, limits: [], css: 'body{}' });
    expect(page).toContain('<svg');
    expect(page).toContain('<td class="missed">missed</td>');
    expect(page).toContain('p99 &amp; more');
    expect(page).toContain('a &lt;note&gt;');
    expect(page).toContain('NOT QUIET');
    expect(page).not.toContain('src=');
  });
});

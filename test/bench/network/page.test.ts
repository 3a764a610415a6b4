import { describe, expect, it } from 'vitest';
import { describeProfile, renderPage } from '../../../bench/network/report/page.ts';
import { extentsOf, runPlot } from '../../../bench/network/report/run-plot.ts';
import type { BenchResult } from '../../../bench/support/results.ts';
import { PROFILES } from '../../../gate/network/profiles.ts';
import { linkSample, runRecord } from './run-records.ts';

const result: BenchResult = {
  bench: 'network',
  at: '2026-01-02T03:04:05.000Z',
  command: 'npm run bench -- network',
  machine: { cores: 2, model: 'M', memoryGiB: 8, node: '20', chromium: 'C', loadBefore: 0.1 },
  tables: [
    { title: 'Every profile', head: ['sender', 'p50'], rows: [['rockpool', '1']] },
    {
      title: 'Targets',
      head: ['figure', 'measured', 'target', 'verdict'],
      rows: [['lan: p95 <45', '50 ms', '≤ 45 ms', 'missed']],
    },
  ],
  notes: ['A note & more.'],
  data: undefined,
};

const link = [linkSample({ atMs: 0, deliveredBps: 5e6, maxQueueDelayMs: 40, lost: 2 })];
const records = [
  runRecord({ sender: 'rockpool', link, presses: [{ atMs: 300, latencyMs: 80 }] }),
  runRecord({ sender: 'chromium', link, framesMs: [0, 100, 900] }),
];

const page = (css = '') => renderPage({ results: [result], records, profiles: PROFILES, css });

describe('the page', () => {
  it('loads nothing from anywhere', () => {
    expect(page()).not.toMatch(/(src|href)=|url\(|@import|<script/);
  });

  it('shows targets before anything else, with their verdicts', () => {
    const html = page();
    expect(html.indexOf('Targets')).toBeLessThan(html.indexOf('Every profile'));
    expect(html).toContain('<td class="missed">missed</td>');
  });

  it('takes text for text', () => {
    expect(page()).toContain('lan: p95 &lt;45');
    expect(page()).toContain('A note &amp; more.');
  });

  it('has a plot for each sender, which says in words what it shows', () => {
    const labels = [...page().matchAll(/<svg [^>]*aria-label="([^"]*)"/g)].map(
      ([, label]) => label,
    );
    expect(labels).toHaveLength(2);
    expect(labels[0]).toContain('rockpool over cable: click to photon 80');
    expect(labels[1]).toContain('freezes: 1');
  });

  it('has something to say before anything was measured', () => {
    const empty = renderPage({ results: [], records: [], profiles: PROFILES, css: '' });
    expect(empty).toContain('Nothing was measured yet.');
  });
});

describe('the plots of a profile', () => {
  it('have the same scales for all senders', () => {
    const busy = runRecord({ link: [linkSample({ deliveredBps: 7e6, maxQueueDelayMs: 180 })] });
    const idle = runRecord({ link: [linkSample({ deliveredBps: 1e6 })] });
    const extents = extentsOf([busy, idle]);
    expect(extents.rateMbps).toBeGreaterThanOrEqual(8);
    expect(extents.queueMs).toBe(200);
    const ticks = (svg: string) => [...svg.matchAll(/tick y"[^>]*>([^<]*)/g)].map(([, t]) => t);
    expect(ticks(runPlot(busy, extents))).toEqual(ticks(runPlot(idle, extents)));
  });

  it('leave the line of a link out that is far wider than what is sent', () => {
    const wide = runRecord({ link: [linkSample({ capacityBps: 1e9, deliveredBps: 12e6 })] });
    const extents = extentsOf([wide]);
    expect(extents.rateMbps).toBeLessThan(50);
    expect(runPlot(wide, extents)).not.toContain('capacity');
  });

  it('draw a few stragglers at the edge instead of shrinking all others', () => {
    const presses = Array.from({ length: 100 }, (_, i) => ({
      atMs: i,
      latencyMs: i < 99 ? 80 : 5000,
    }));
    const run = runRecord({ presses });
    const extents = extentsOf([run]);
    expect(extents.latencyMs).toBeLessThanOrEqual(100);
    expect(runPlot(run, extents)).toContain('dots beyond');
  });
});

describe('a profile in words', () => {
  it('names what is bad about it', () => {
    const wifi = PROFILES.get('wifi');
    expect(wifi && describeProfile(wifi)).toMatch(
      /^30 Mbit\/s, 15 ms each way ± 15 ms, round trip 30 ms, packets overtake.*1 % lost in bursts/,
    );
  });
});

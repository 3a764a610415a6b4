import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InsightFigures } from '../../../protocol/studio-insight.ts';
import { csvCell, insightCsv } from '../../../signaling/studio/insight/insight-csv.ts';

const FIGURES: InsightFigures = {
  sessions: 12,
  players: 9,
  lastedMs: 3_630_000,
  reported: 11,
  clickToPhotonP50Ms: 31.256,
  clickToPhotonP95Ms: 64,
  stagesMs: { uplink: 1, wait: 2, render: 3, encode: 4, network: 5, decode: 6, present: 7 },
  frameRate: 59.94,
  freezesPerHour: 0.5,
  frozenShare: 0.0025,
};

const SLOT = { slotAtMs: Date.UTC(2026, 10, 26), slotMs: 86_400_000 };

/** As RFC 4180 has it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g,
  )) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe('the export', () => {
  it('has a line for each build of each slot, under a header', () => {
    const text = insightCsv([{ ...SLOT, build: { number: 41, label: 'v1.4' }, figures: FIGURES }]);
    const [head = [], line = [], ...more] = parseCsv(text);
    expect(more).toEqual([]);
    expect(Object.fromEntries(head.map((name, index) => [name, line[index]]))).toEqual({
      from: '2026-11-26T00:00:00.000Z',
      until: '2026-11-27T00:00:00.000Z',
      build: '41',
      label: 'v1.4',
      sessions: '12',
      players: '9',
      minutes: '60.5',
      click_to_photon_p50_ms: '31.26',
      click_to_photon_p95_ms: '64',
      uplink_p50_ms: '1',
      wait_p50_ms: '2',
      render_p50_ms: '3',
      encode_p50_ms: '4',
      network_p50_ms: '5',
      decode_p50_ms: '6',
      present_p50_ms: '7',
      frames_per_second: '59.94',
      freezes_per_hour: '0.5',
      frozen_percent: '0.25',
    });
  });

  it('leaves empty what was not measured, and is a header alone where nobody played', () => {
    const figures = {
      ...FIGURES,
      clickToPhotonP50Ms: null,
      clickToPhotonP95Ms: null,
      stagesMs: null,
      frameRate: null,
      freezesPerHour: null,
      frozenShare: null,
    };
    const [head = [], line = []] = parseCsv(insightCsv([{ ...SLOT, build: undefined, figures }]));
    expect(line).toHaveLength(head.length);
    expect(line.slice(2, 4)).toEqual(['', '']);
    expect(line.slice(7)).toEqual(new Array(head.length - 7).fill(''));
    expect(parseCsv(insightCsv([]))).toEqual([head]);
  });

  it.each(['=HYPERLINK("http://evil.example")', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])(
    'hands a spreadsheet no formula: %j',
    (label) => {
      expect(parseCsv(`${csvCell(label)}\r\n`)).toEqual([[`'${label}`]]);
    },
  );

  it('gives back any text, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const [[cell = ''] = []] = parseCsv(`${csvCell(text)}\r\n`);
        expect(cell.replace(/^'(?=[=+\-@\t\r])/, '')).toBe(text);
        expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });
});

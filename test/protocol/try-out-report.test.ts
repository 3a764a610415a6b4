import { describe, expect, it } from 'vitest';
import { buildManifestSchema, parseManifest } from '../../protocol/build-manifest.ts';
import { logLines, mediaOf, tryOutFindingsSchema } from '../../protocol/try-out-report.ts';
import { tryOutReport } from '../support/game-records.ts';

describe('the log of a report', () => {
  it('has no colours, control characters or empty lines', () => {
    const text = `${String.fromCharCode(27)}[1;31mno such file${String.fromCharCode(27)}[0m\r\n\n\tat pond\u0007\n`;
    expect(logLines(text)).toEqual(['no such file', '\tat pond']);
  });

  it('is its end, and each line its beginning, within what a report holds', () => {
    const lines = logLines(
      Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(900)}`).join('\n'),
    );
    expect(lines).toHaveLength(200);
    expect(lines.at(-1)?.startsWith('299 ')).toBe(true);
    const { containerName: _name, region: _region, atMs: _atMs, ...findings } = tryOutReport();
    expect(tryOutFindingsSchema.safeParse({ ...findings, log: lines }).success).toBe(true);
  });
});

describe('what a report names', () => {
  it('is each picture, the poster and the clip, with what they are', () => {
    const [picture] = tryOutReport().screenshots;
    if (!picture) throw new Error('the report has no picture');
    const clip = { sha256: 'c'.repeat(64), bytes: 9 };
    const poster = { ...picture, sha256: 'd'.repeat(64) };
    const avif = { ...picture, sha256: 'e'.repeat(64), format: 'avif' as const };
    const named = mediaOf({ screenshots: [picture, avif], clip, poster });
    expect(named.map(({ sha256, type }) => [sha256, type])).toEqual([
      [picture.sha256, 'image/webp'],
      [avif.sha256, 'image/avif'],
      [poster.sha256, 'image/webp'],
      [clip.sha256, 'video/mp4'],
    ]);
  });
});

describe('tryOut in rockpool.json', () => {
  const manifest = (tryOut: unknown) =>
    JSON.stringify({ id: 'pond', title: 'Pond', runtime: 'linux', entry: 'pond', tryOut });

  it('takes keys, buttons of a pad and clicks, with what is usual left out', () => {
    const { tryOut } = parseManifest(
      manifest([
        { atMs: 0, key: 'Enter' },
        { atMs: 5, pad: 9, holdMs: 40 },
        { atMs: 20_000, click: { x: 0, y: 1 } },
      ]),
    );
    expect(tryOut).toEqual([
      { atMs: 0, key: 'Enter', holdMs: 100 },
      { atMs: 5, pad: 9, holdMs: 40 },
      { atMs: 20_000, click: { x: 0, y: 1, button: 'left' }, holdMs: 100 },
    ]);
    expect(buildManifestSchema.parse(JSON.parse(manifest(undefined))).tryOut).toBeUndefined();
  });

  it.each([
    ['a key that there is not', { atMs: 0, key: 'Return' }],
    ['two things at once', { atMs: 0, key: 'Enter', pad: 1 }],
    ['a place outside the picture', { atMs: 0, click: { x: 1.1, y: 0 } }],
    ['a moment after the end', { atMs: 20_001, key: 'Enter' }],
    ['nothing to do', { atMs: 0 }],
  ])('refuses %s, and says what it takes', (_what, step) => {
    expect(() => parseManifest(manifest([step]))).toThrow(/tryOut\.0/);
  });
});

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoolReport, poolReportSchema } from '../../protocol/pool-report.ts';
import { POOL_FRESH_MS } from '../../signaling/pool-routes.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

async function pool(): Promise<PoolReport> {
  fixture.timers.advance(POOL_FRESH_MS);
  return poolReportSchema.parse(await (await fixture.get('/api/pool')).json());
}

describe('GET /api/pool', () => {
  it('tells of the containers, their sessions and who waits', async () => {
    const empty = { containers: 0, sessions: 0, freePlaces: 0 };
    expect(await pool()).toEqual({ totals: empty, waiting: 0, regions: [] });
    await fixture.container(
      { gpu: { kind: 'hardware', description: 'a GPU' }, pricePerHour: 2 },
      { name: 'attic', region: 'home' },
    );
    const joinedAtMs = fixture.wallClockMs + fixture.timers.nowMs();
    const player = await fixture.guest();
    await player.mustPlay();
    await (await fixture.guest()).mustWait();
    expect(await pool()).toMatchObject({
      totals: { containers: 1, sessions: 1, freePlaces: 0 },
      waiting: 1,
      regions: [
        {
          name: 'home',
          containers: [
            {
              name: 'attic',
              gpu: { kind: 'hardware', description: 'a GPU' },
              encoders: [{ name: 'x264', codec: 'h264', hardware: false, pixelsPerSecond: 1e8 }],
              sessions: 1,
              freePlaces: 0,
              pricePerHour: 2,
              joinedAtMs,
              recent: null,
            },
          ],
        },
      ],
    });
  });

  it('sums up once a second for all who ask', async () => {
    expect((await pool()).totals.containers).toBe(0);
    await fixture.container();
    const again = await fixture.get('/api/pool');
    expect(await again.json()).toMatchObject({ totals: { containers: 0 } });
    expect((await pool()).totals.containers).toBe(1);
  });

  it('sends nothing to who has it already, and what it sends packed where that is understood', async () => {
    await fixture.container();
    const etag = (await fixture.get('/api/pool')).headers.get('etag') ?? '';
    fixture.timers.advance(POOL_FRESH_MS);
    // Said aloud, because fetch adds `no-cache` to a request with a condition of its own.
    const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
    const unchanged = await fixture.get('/api/pool', { headers });
    expect(unchanged.status).toBe(304);

    const plain = await fixture.get('/api/pool', { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    const packed = await fixture.get('/api/pool', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toContain('Accept-Encoding');
    expect(await packed.text()).toBe(await plain.text());
  });
});

describe('the pages beside the library', () => {
  it.each(['/pool', '/history'])('are the same document: %s', async (path) => {
    await mkdir(fixture.clientFolder, { recursive: true });
    await writeFile(join(fixture.clientFolder, 'index.html'), '<title>Rockpool</title>');
    const response = await fixture.get(path);
    expect([response.status, await response.text()]).toEqual([200, '<title>Rockpool</title>']);
  });
});

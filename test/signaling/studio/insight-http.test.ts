import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { latencyBucket } from '../../../protocol/latency-histogram.ts';
import type { QualityReport } from '../../../protocol/quality-report.ts';
import { type InsightReport, insightReportSchema } from '../../../protocol/studio-insight.ts';
import type { SessionStart } from '../../../signaling/store/store.ts';
import { seededRandom } from '../../../signaling/studio/insight/latency-comparison.ts';
import { gameRecord, readyBuild, releaseRecord } from '../../support/game-records.ts';
import { fillSessions } from '../../support/insight-sessions.ts';
import { SignalingFixture } from '../../support/signaling-fixture.ts';
import { newPlayerId, QUALITY, sessionStart } from '../../support/store-records.ts';
import { StudioBrowser } from '../../support/studio-browser.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const PATH = '/studios/tidal-games/games/tide';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

function browser(): StudioBrowser {
  return new StudioBrowser(fixture.url.replace('127.0.0.1', 'localhost'));
}

/** The first owner, their game Tide, and its builds, the second of which is released on `beta`. */
async function setUp() {
  const ada = browser();
  await ada.comeIn(fixture.server.signInLink, { name: 'Ada', studio: 'Tidal Games' });
  const studio = await fixture.store.studio.studioBySlug('tidal-games');
  if (!studio) throw new Error('there is no studio');
  const builds = await fixture.store.studio.transact(async ({ games }) => {
    await games.addGame(gameRecord(studio.studioId, { gameId: 'tide' }));
    const first = await games.addBuild(readyBuild('tide', { label: 'one' }));
    const second = await games.addBuild(readyBuild('tide', { label: '=two' }));
    await games.addRelease(releaseRecord('tide', first.buildId));
    await games.addRelease(releaseRecord('tide', second.buildId, { channel: 'beta' }));
    return [first.buildId, second.buildId] as const;
  });
  const report = async (query = '', who = ada): Promise<InsightReport> =>
    insightReportSchema.parse(await who.must('GET', `${PATH}/insight${query}`));
  return { ada, builds, report };
}

/** One session of so many hours ago. */
async function play(
  changes: Partial<SessionStart>,
  quality: QualityReport | null = reportOf(30),
  hoursAgo = 2,
): Promise<void> {
  const startedAtMs = fixture.wallClockMs - hoursAgo * HOUR_MS;
  const start = sessionStart({ gameId: 'tide', startedAtMs, ...changes });
  await fixture.store.beginSession(start);
  await fixture.store.endSession(start.sessionId, {
    atMs: startedAtMs + 600_000,
    reason: 'player-left',
  });
  if (quality) await fixture.store.reportQuality(start.sessionId, start.playerId, quality);
}

function reportOf(delayMs: number): QualityReport {
  return {
    ...QUALITY,
    clickToPhoton: { first: latencyBucket(delayMs), counts: [100] },
    browser: { family: 'chrome', major: 138 },
  };
}

describe('how a game performs', () => {
  it('is nothing before anybody has played, and says so', async () => {
    const { report } = await setUp();
    const empty = await report();
    expect(empty).toMatchObject({ slots: [], builds: [], comparison: null, limited: false });
    expect(empty.total).toMatchObject({ sessions: 0, clickToPhotonP95Ms: null });
    expect(empty.channels).toEqual(['beta', 'live']);
  });

  it('is told in all, over time, by build, region and browser', async () => {
    const { builds, report } = await setUp();
    const playerId = newPlayerId();
    await play({ buildId: builds[0], playerId }, reportOf(30), 50);
    await play({ buildId: builds[1], playerId }, reportOf(60));
    await play({ buildId: builds[1] }, null);
    const { total, slots, builds: listed, regions, browsers, slotMs } = await report();
    expect(total).toMatchObject({ sessions: 3, players: 2, lastedMs: 1_800_000, reported: 2 });
    expect(total.clickToPhotonP50Ms).toBeCloseTo(30, -1);
    expect(total.clickToPhotonP95Ms).toBeCloseTo(60, -1);
    expect(slotMs).toBe(DAY_MS);
    expect(slots.map(({ figures }) => figures.sessions)).toEqual([1, 2]);
    expect(listed.map(({ number, label, figures }) => [number, label, figures.sessions])).toEqual([
      [2, '=two', 2],
      [1, 'one', 1],
    ]);
    expect(regions).toMatchObject([{ region: 'eu-west', figures: { sessions: 3 } }]);
    expect(browsers.map(({ browser }) => browser)).toEqual(['chrome 138', null]);
  });

  it('names no player', async () => {
    const { ada, builds } = await setUp();
    const playerId = newPlayerId();
    await play({ buildId: builds[0], playerId });
    const told = await ada.must('GET', `${PATH}/insight`);
    expect(JSON.stringify(told)).not.toContain(playerId);
  });

  it('is filtered by what is asked, and lists what else there is', async () => {
    const { builds, report } = await setUp();
    await play({ buildId: builds[0] });
    await play({ buildId: builds[1] });
    await play({ buildId: builds[1] }, null);
    await play({ buildId: builds[1] }, reportOf(30), 3 * 24);
    const sessions = async (query: string) => (await report(query)).total.sessions;
    expect(await sessions('?build=1')).toBe(1);
    expect(await sessions('?build=3')).toBe(0);
    expect(await sessions('?browser=chrome%20138')).toBe(3);
    expect(await sessions('?browser=chrome%20138&days=1')).toBe(2);
    expect(await sessions('?region=us-east')).toBe(0);
    expect(await sessions('?channel=beta')).toBe(3);
    expect(await sessions('?channel=beta&build=1')).toBe(0);
    expect(await sessions('?channel=nightly')).toBe(0);
    expect((await report('?build=1')).builds.map(({ number }) => number)).toEqual([2, 1]);
  });

  it('begins with a whole slot, so that the first one is not a quiet one by the clock', async () => {
    const { report } = await setUp();
    for (const days of [1, 7, 30, 90]) {
      const { fromMs, slotMs, nowMs } = await report(`?days=${days}`);
      expect(fromMs % slotMs).toBe(0);
      expect(nowMs - fromMs).toBeLessThanOrEqual(days * DAY_MS);
      expect(nowMs - fromMs).toBeGreaterThan(days * DAY_MS - slotMs);
    }
  });

  it('compares the newest build with the one before, from enough sessions', async () => {
    const { builds, report } = await setUp();
    const [older, newer] = builds;
    await play({ buildId: older });
    await play({ buildId: newer });
    expect((await report()).comparison).toMatchObject({
      newer: { number: 2, sessions: 1 },
      older: { number: 1, sessions: 1 },
      verdict: 'too-few',
      p95: null,
    });
    await fillSessions(fixture.store, {
      gameId: 'tide',
      nowMs: fixture.wallClockMs,
      random: seededRandom(11),
      builds: [
        { buildId: older, daysAgo: 20, sessions: 80, slowerMs: 0 },
        { buildId: newer, daysAgo: 5, sessions: 80, slowerMs: 40 },
      ],
    });
    const { comparison } = await report();
    expect(comparison).toMatchObject({ verdict: 'slower', newer: { number: 2 } });
    expect(comparison?.p50?.differenceMs).toBeGreaterThan(20);
    const back = (await report('?build=1&against=2')).comparison;
    expect(back).toMatchObject({ verdict: 'faster', newer: { number: 1 }, older: { number: 2 } });
    // What cannot be compared with leaves the page with what can.
    for (const query of ['?build=2&against=2', '?against=9']) {
      expect((await report(query)).comparison).toEqual(comparison);
    }
  });

  it('is exported as CSV, without a formula that somebody put into a label', async () => {
    const { ada, builds } = await setUp();
    await play({ buildId: builds[0] });
    await play({ buildId: builds[1] });
    const response = await fetch(`${fixture.url}/api/studio${PATH}/insight.csv?days=7`, {
      headers: { cookie: ada.cookie ?? '' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="tide-insight.csv"',
    );
    const lines = (await response.text()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(',1,one,1,1,10,');
    expect(lines[2]).toContain(",2,'=two,1,1,10,");
  });

  it.each([
    'days=2',
    'days=1e1',
    'build=0',
    'build=-1',
    'build=x',
    'browser=Ada',
    'who=Ada',
    'channel=A%20b',
  ])('is not told for a question that means nothing: %s', async (query) => {
    const { ada } = await setUp();
    const { status } = await ada.refused('GET', `${PATH}/insight?${query}`);
    expect(status).toBe(400);
  });

  it('is for those who may: members, tokens made for it, and no others', async () => {
    const { ada } = await setUp();
    const path = '/studios/tidal-games/invitations';
    const { link } = await ada.must<{ link: string }>('POST', path, { role: 'viewer' });
    const vera = browser();
    await vera.comeIn(link, { name: 'Vera' });
    expect((await vera.ask('GET', `${PATH}/insight`)).status).toBe(200);

    const stranger = browser();
    expect((await stranger.refused('GET', `${PATH}/insight`)).status).toBe(401);
    expect((await stranger.refused('GET', `${PATH}/insight.csv`)).status).toBe(401);

    const tokenFor = async (scope: string) =>
      (
        await ada.must<{ token: string }>('POST', '/studios/tidal-games/tokens', {
          name: 'CI',
          scopes: [scope],
          lifetimeDays: 7,
        })
      ).token;
    const status = async (token: string, file: string) => {
      const authorization = `Bearer ${token}`;
      return (await browser().ask('GET', `${PATH}/${file}`, undefined, { authorization })).status;
    };
    expect(await status(await tokenFor('insight:read'), 'insight')).toBe(200);
    expect(await status(await tokenFor('builds:read'), 'insight')).toBe(403);
  });

  it('of a game of nobody here, or of another studio, is not there', async () => {
    const { ada } = await setUp();
    const other = await ada.must<{ slug: string }>('POST', '/studios', { name: 'Ebb' });
    for (const path of [
      '/studios/tidal-games/games/nobody/insight',
      `/studios/${other.slug}/games/tide/insight`,
    ]) {
      expect((await ada.refused('GET', path)).status).toBe(404);
    }
  });
});

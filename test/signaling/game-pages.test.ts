import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RockpoolError } from '../../protocol/errors.ts';
import { gameListSchema } from '../../protocol/game-info.ts';
import { publicGameSchema } from '../../protocol/public-game.ts';
import { type StorePage, storePageSchema } from '../../protocol/store-page.ts';
import { COVER_SIZE } from '../../renderer/cover.ts';
import { PAGES_FRESH_MS } from '../../signaling/game-pages.ts';
import { fakeGame } from '../support/fake-container.ts';
import { fakeWebp } from '../support/fake-webp.ts';
import { gameRecord } from '../support/game-records.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';
import { StudioBrowser } from '../support/studio-browser.ts';

const INDEX = `<!doctype html><html><head>
<meta name="description" content="Games that run on a machine near you." />
<title>Rockpool</title></head><body></body></html>`;

const PATH = '/studios/tidal-games/games/tide/page';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
  mkdirSync(fixture.clientFolder, { recursive: true });
  writeFileSync(join(fixture.clientFolder, 'index.html'), INDEX);
});
afterEach(() => fixture.close());

async function listed() {
  return gameListSchema.parse(await (await fixture.get('/api/games')).json()).games;
}

async function pageOf(gameId: string) {
  return publicGameSchema.parse(await (await fixture.get(`/api/games/${gameId}`)).json());
}

/** A studio with a game that a container offers. */
async function setUp() {
  const ada = new StudioBrowser(fixture.url.replace('127.0.0.1', 'localhost'));
  await ada.comeIn(fixture.server.signInLink, { name: 'Ada', studio: 'Tidal Games' });
  const studio = await fixture.store.studio.studioBySlug('tidal-games');
  if (!studio) throw new Error('there is no studio');
  await fixture.store.studio.transact(({ games }) =>
    games.addGame(gameRecord(studio.studioId, { gameId: 'tide' })),
  );
  const container = await fixture.container({
    games: [fakeGame('tide', { title: 'Tide', summary: 'Waves.' }), fakeGame('skimmer')],
  });
  const read = async (): Promise<StorePage> => storePageSchema.parse(await ada.must('GET', PATH));
  const change = async (page: Partial<StorePage['page']>) => {
    const before = await read();
    const body = { page: { ...before.page, ...page }, revision: before.revision };
    return storePageSchema.parse(await ada.must('PUT', PATH, body));
  };
  return { ada, studio, container, read, change };
}

describe('the page of a game', () => {
  it('of a container’s own game shows what the container tells', async () => {
    await setUp();
    expect(await pageOf('skimmer')).toMatchObject({
      game: { id: 'skimmer', tags: [] },
      studio: null,
      description: '',
      media: { cover: [], screenshots: [], clipUrl: null, posterUrl: null },
    });
  });

  it('of a studio’s game shows what the studio says, as soon as it is said', async () => {
    const { change } = await setUp();
    expect(await pageOf('tide')).toMatchObject({ studio: 'Tidal Games', description: '' });
    await change({ description: '# Tide\n\nWaves.', summary: 'A tide.', tags: ['calm'] });
    fixture.timers.advance(PAGES_FRESH_MS);
    expect(await pageOf('tide')).toMatchObject({
      studio: 'Tidal Games',
      description: '# Tide\n\nWaves.',
      game: { summary: 'A tide.', tags: ['calm'] },
    });
    expect((await listed()).find(({ id }) => id === 'tide')).toMatchObject({
      summary: 'A tide.',
      tags: ['calm'],
    });
  });

  it('keeps the build’s own summary where the studio wrote none', async () => {
    const { change } = await setUp();
    await change({ description: 'More.', summary: '' });
    fixture.timers.advance(PAGES_FRESH_MS);
    expect((await pageOf('tide')).game.summary).toBe('Waves.');
  });

  it('is not there for a game that nobody offers', async () => {
    await setUp();
    for (const path of ['/api/games/nobody', '/api/games/No%20Body']) {
      expect((await fixture.get(path)).status).toBe(404);
    }
    const response = await fixture.get('/games/nobody', { headers: { accept: 'text/html' } });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('<title>Rockpool</title>');
  });

  it('is played from all the same while the database is away', async () => {
    await setUp();
    fixture.timers.advance(PAGES_FRESH_MS);
    fixture.store.failure = new RockpoolError('internal', 'The database is away.');
    expect((await listed()).map(({ id }) => id).sort()).toEqual(['skimmer', 'tide']);
    expect((await pageOf('skimmer')).game.id).toBe('skimmer');
    fixture.store.failure = undefined;
  });

  it('tells programs that make previews what it is, with its cover', async () => {
    const { change, container } = await setUp();
    await change({ summary: '"Waves" & <more>' });
    fixture.timers.advance(PAGES_FRESH_MS);
    await container.request('cover', { gameId: 'tide', webp: fakeWebp(7) });
    const { coverUrl } = (await listed()).find(({ id }) => id === 'tide') ?? {};
    const response = await fixture.get('/games/tide');
    expect(response.status).toBe(200);
    const html = await response.text();
    const url = `${fixture.url}/games/tide`;
    expect(html).toContain('<title>Tide — Rockpool</title>');
    expect(html).toContain(
      '<meta property="og:description" content="&#34;Waves&#34; &#38; &#60;more&#62; By Tidal Games." />',
    );
    expect(html).toContain(`<meta property="og:url" content="${url}" />`);
    expect(html).toContain(`<meta property="og:image" content="${fixture.url}${coverUrl}" />`);
    expect(html).toContain(`<meta property="og:image:width" content="${COVER_SIZE.width}" />`);
    expect(html).toContain(`<meta property="og:image:height" content="${COVER_SIZE.height}" />`);
  });
});

describe('the page of a game, as its studio writes it', () => {
  it('is changed by who may release, and the log says what', async () => {
    const { ada, change, read } = await setUp();
    await change({ description: 'One.', tags: ['calm', 'water'] });
    expect((await read()).page).toEqual({
      description: 'One.',
      summary: '',
      tags: ['calm', 'water'],
    });
    const { entries } = await ada.must<{ entries: object[] }>(
      'GET',
      '/studios/tidal-games/audit?group=games',
    );
    expect(entries[0]).toMatchObject({
      action: 'game.page-changed',
      target: 'Tide',
      detail: 'description, tags',
    });
  });

  it('is not changed over what somebody else wrote meanwhile', async () => {
    const { ada, read, change } = await setUp();
    const { page, revision } = await read();
    await change({ description: 'Quicker.' });
    const late = { page: { ...page, description: 'Late.' }, revision };
    expect(await ada.refused('PUT', PATH, late)).toMatchObject({ status: 409, code: 'conflict' });
    expect((await read()).page.description).toBe('Quicker.');
  });

  it('is the same page where nothing was changed, and the log stays as it is', async () => {
    const { ada, read } = await setUp();
    const { page, revision } = await read();
    await ada.must('PUT', PATH, { page, revision });
    const { entries } = await ada.must<{ entries: object[] }>(
      'GET',
      '/studios/tidal-games/audit?group=games',
    );
    expect(entries).toEqual([]);
  });

  it('takes a long text in any script, and none that is longer', async () => {
    const { ada, read, change } = await setUp();
    await change({ description: '潮'.repeat(20_000) });
    const { page, revision } = await read();
    expect(page.description).toHaveLength(20_000);
    const longer = { page: { ...page, description: '潮'.repeat(20_001) }, revision };
    expect((await ada.refused('PUT', PATH, longer)).status).toBe(400);
  });

  it('is seen and not changed by a viewer, and neither by a stranger', async () => {
    const { ada, read } = await setUp();
    const invitations = '/studios/tidal-games/invitations';
    const { link } = await ada.must<{ link: string }>('POST', invitations, { role: 'viewer' });
    const vera = new StudioBrowser(fixture.url.replace('127.0.0.1', 'localhost'));
    await vera.comeIn(link, { name: 'Vera' });
    const { page, revision } = await read();
    expect((await vera.ask('GET', PATH)).status).toBe(200);
    expect((await vera.refused('PUT', PATH, { page, revision })).status).toBe(403);
    const stranger = new StudioBrowser(fixture.url.replace('127.0.0.1', 'localhost'));
    expect((await stranger.refused('GET', PATH)).status).toBe(401);
    expect((await stranger.refused('PUT', PATH, { page, revision })).status).toBe(401);
  });
});

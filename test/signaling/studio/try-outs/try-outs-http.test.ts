import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerLoad } from '../../../../protocol/container-messages.ts';
import type { TryOutRequest } from '../../../../protocol/try-out-messages.ts';
import type { Screenshot, TryOutFindings } from '../../../../protocol/try-out-report.ts';
import { HttpTryOutDelivery } from '../../../../server/agent/try-out-delivery.ts';
import type { FakeContainer } from '../../../support/fake-container.ts';
import {
  gameRecord,
  readyBuild,
  releaseRecord,
  tryOutReport,
} from '../../../support/game-records.ts';
import { SignalingFixture } from '../../../support/signaling-fixture.ts';
import { StudioBrowser } from '../../../support/studio-browser.ts';

const CAPACITY = { pixelsPerSecond: 2e8, cpus: 8, memoryBytes: 2 ** 34, gpuMemoryBytes: 0 };
const LOAD: ContainerLoad = { state: 'standby', freeSlots: 4, free: CAPACITY };
const NEVER = new AbortController().signal;
const sha256Of = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const webp = (say: string) => Buffer.from(`RIFF....WEBP${say}`);
const mp4 = (say: string) => Buffer.from(`....ftypisom${say}`);

describe('try-outs over a real server', () => {
  let fixture: SignalingFixture;
  let browser: StudioBrowser;
  let media: string;
  let container: FakeContainer;
  let gameId: string;
  let buildPath: string;

  beforeEach(async () => {
    fixture = await SignalingFixture.start();
    browser = new StudioBrowser(fixture.url);
    media = mkdtempSync(join(tmpdir(), 'rockpool-media-'));
    await browser.comeIn(fixture.server.signInLink, { name: 'Ada', studio: 'Tidal' });
    container = await fixture
      .newContainer({ name: 'Attic', region: 'eu' })
      .start(
        { capacity: CAPACITY, slots: 4, builds: { runtimes: ['web', 'linux'], warm: [] } },
        { state: 'standby', freeSlots: 4, free: CAPACITY },
      );
  });

  afterEach(async () => {
    await fixture.close();
    rmSync(media, { recursive: true });
  });

  /** A build that is to be tried out, and what its container is asked. */
  async function asked(): Promise<TryOutRequest> {
    const studio = await fixture.store.studio.studioBySlug('tidal');
    if (!studio) throw new Error('there is no studio');
    const game = gameRecord(studio.studioId);
    ({ gameId } = game);
    await fixture.store.studio.transact(async ({ games }) => {
      await games.addGame(game);
      await games.addBuild(readyBuild(gameId, { state: 'trying', tryOut: undefined }));
    });
    buildPath = `/studios/tidal/games/${gameId}/builds/1`;
    const request = container.tryOuts.next();
    // As at the next sweep, of a container that goes on telling its load.
    fixture.timers.advance(14_000);
    await container.request('load', LOAD);
    fixture.timers.advance(1_000);
    return request;
  }

  function picture(content: Uint8Array): Screenshot {
    const sha256 = sha256Of(content);
    writeFileSync(join(media, sha256), content);
    const size = { width: 640, height: 360, atMs: 1_000 };
    return { sha256, bytes: content.byteLength, format: 'webp', ...size };
  }

  function found(changes: Partial<TryOutFindings> = {}): TryOutFindings {
    const { containerName: _name, region: _region, atMs: _atMs, ...findings } = tryOutReport();
    const clip = picture(mp4('moving'));
    return {
      ...findings,
      screenshots: [picture(webp('title'))],
      clip: { sha256: clip.sha256, bytes: clip.bytes },
      poster: picture(webp('poster')),
      ...changes,
    };
  }

  const bring = (token: string, findings: TryOutFindings) =>
    new HttpTryOutDelivery(fixture.url).bring(token, { kind: 'tried', findings }, media, NEVER);
  const details = () =>
    browser.must<{ state: string; stateDetail: string; tryOut: object | null }>('GET', buildPath);

  it('makes a build ready that runs, with what was seen, where and when', async () => {
    const { token } = await asked();
    const findings = found();
    await bring(token, findings);
    expect(await details()).toMatchObject({
      state: 'ready',
      stateDetail: 'It runs, as Attic has tried out. It may be released.',
      tryOut: { ...findings, containerName: 'Attic', region: 'eu', atMs: fixture.wallClockMs },
    });
  });

  it('shows pictures and clip to members alone until the build is live', async () => {
    const { token } = await asked();
    const findings = found();
    await bring(token, findings);
    const clip = findings.clip?.sha256 ?? '';
    const own = `/api/studio${buildPath}/media/${clip}`;
    const cookie = { cookie: browser.cookie ?? '' };
    const seen = await fixture.get(own, { headers: cookie });
    expect(seen.status).toBe(200);
    expect(seen.headers.get('content-type')).toBe('video/mp4');
    expect(seen.headers.get('cache-control')).toMatch(/^private/);
    expect(Buffer.from(await seen.arrayBuffer())).toEqual(mp4('moving'));
    const part = await fixture.get(own, { headers: { ...cookie, range: 'bytes=4-7' } });
    expect([part.status, await part.text()]).toEqual([206, 'ftyp']);
    expect(part.headers.get('content-range')).toBe(`bytes 4-7/${mp4('moving').length}`);
    expect((await fixture.get(own)).status).toBe(401);

    const anybodys = `/api/games/${gameId}/media/${clip}`;
    expect((await fixture.get(anybodys)).status).toBe(404);
    const build = await fixture.store.studio.games.buildByNumber(gameId, 1);
    await fixture.store.studio.transact(({ games }) =>
      games.addRelease(releaseRecord(gameId, build?.buildId ?? ('' as never))),
    );
    const live = await fixture.get(anybodys);
    expect([live.status, live.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    // While another build goes to some, the others play this one, and the library shows it.
    await fixture.store.studio.transact(async ({ games }) => {
      const next = await games.addBuild(readyBuild(gameId));
      const some = { percent: 10, beforeBuildId: build?.buildId };
      await games.addRelease(releaseRecord(gameId, next.buildId, some));
    });
    expect((await fixture.get(anybodys)).status).toBe(200);
    // Other blobs of the store are nobody's.
    expect((await fixture.get(`/api/games/${gameId}/media/${'0'.repeat(64)}`)).status).toBe(404);
  });

  it('fails a build that does not run, and tries it again when a member asks', async () => {
    const { token } = await asked();
    await bring(token, found({ problem: 'The game crashed (SIGSEGV).\nThe last it wrote:\nboo' }));
    expect(await details()).toMatchObject({
      state: 'failed',
      stateDetail: 'The game crashed (SIGSEGV).',
      tryOut: { problem: 'The game crashed (SIGSEGV).\nThe last it wrote:\nboo' },
    });
    const again = container.tryOuts.next();
    await browser.must('POST', `${buildPath}/try-again`, {});
    const second = await again;
    await bring(second.token, found());
    expect(await details()).toMatchObject({ state: 'ready' });
    const refused = await browser.refused('POST', `${buildPath}/try-again`, {});
    expect(refused).toMatchObject({ status: 409, code: 'conflict' });
    const { entries } = await browser.must<{ entries: { action: string }[] }>(
      'GET',
      '/studios/tidal/audit',
    );
    expect(entries.map(({ action }) => action)).toContain('build.tried-again');
  });

  it('shows what is being done', async () => {
    const { token } = await asked();
    await new HttpTryOutDelivery(fixture.url).tell(token, 'Fetching the game: 40 %');
    expect(await details()).toMatchObject({
      state: 'trying',
      stateDetail: 'On Attic: Fetching the game: 40 %',
    });
  });

  it('takes nothing without the token, nothing twice, and nothing that is no picture', async () => {
    const { token } = await asked();
    const put = (content: Uint8Array, sha256 = sha256Of(content), bearer = token) =>
      fixture.get(`/api/try-outs/blobs/${sha256}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${bearer}` },
        body: content as Uint8Array<ArrayBuffer>,
      });
    expect((await put(webp('a'), undefined, 'forged')).status).toBe(401);
    expect((await put(Buffer.from('<html><script>'))).status).toBe(400);
    expect((await put(webp('a'), sha256Of(webp('b')))).status).toBe(400);
    expect((await put(Buffer.concat([webp('big'), Buffer.alloc(9 * 2 ** 20)]))).status).toBe(413);
    expect((await put(webp('a'))).status).toBe(204);
    const findings = found();
    // What it names has not come.
    const end = { kind: 'tried', findings };
    const early = await fixture.get('/api/try-outs/end', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(end),
    });
    expect(early.status).toBe(400);
    await bring(token, findings);
    await expect(bring(token, findings)).rejects.toMatchObject({ code: 'conflict' });
    expect((await put(webp('late'))).status).toBe(409);
  });

  it('brings no more than so much in all, however much comes at once', async () => {
    const { token } = await asked();
    const put = async (say: string) => {
      const content = Buffer.concat([webp(say), Buffer.alloc(7 * 2 ** 20)]);
      const response = await fixture.get(`/api/try-outs/blobs/${sha256Of(content)}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}` },
        body: content,
      });
      return response.status;
    };
    const statuses = await Promise.all(['1', '2', '3', '4', '5'].map(put));
    expect(statuses.sort()).toEqual([204, 204, 204, 413, 413]);
    // A machine that gives up has brought it all the same.
    await new HttpTryOutDelivery(fixture.url).giveUp(
      token,
      'The machine was taken out of the pool.',
    );
    expect(await put('6')).toBe(413);
  });

  it('does not count what did not come whole, or was not wanted', async () => {
    const { token } = await asked();
    for (let i = 0; i < 5; i++) {
      const content = Buffer.alloc(7 * 2 ** 20);
      const response = await fixture.get(`/api/try-outs/blobs/${sha256Of(content)}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}` },
        body: content,
      });
      expect(response.status).toBe(400);
    }
    await bring(token, found());
    expect(await details()).toMatchObject({ state: 'ready' });
  });
});

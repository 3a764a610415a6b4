import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type ErrorRequestHandler } from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BuildIndex, buildIndexSchema } from '../../protocol/build-index.ts';
import { blobPath } from '../../protocol/build-order.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import { containerIdSchema } from '../../protocol/ids.ts';
import { IdentityTokens } from '../../signaling/identity-tokens.ts';
import type { BuildRecord } from '../../signaling/store/game-store.ts';
import { FolderBlobStore } from '../../signaling/studio/blobs/folder-blob-store.ts';
import type { BlobDesk } from '../../signaling/studio/releases/blob-desk.ts';
import { BLOB_ROUTE, sendBlob } from '../../signaling/studio/releases/blob-routes.ts';
import { noise } from '../support/archives/hostile-archives.ts';
import { BuildFolders } from '../support/build-folders.ts';
import type { FakeContainer } from '../support/fake-container.ts';
import { newBuildId } from '../support/game-records.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';
import { StudioGames } from '../support/studio-games.ts';

let fixture: SignalingFixture;
let folders: BuildFolders;
let container: FakeContainer;
let build: BuildRecord;
let index: BuildIndex;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
  folders = new BuildFolders();
  const blobs = await FolderBlobStore.open(join(fixture.folder, 'data', 'blobs'), Date.now);
  const games = new StudioGames(fixture.store.studio);
  await games.game('pond');
  const folder = folders.build('pond', {}, { 'level.txt': noise(50_000, 1).toString('latin1') });
  build = await games.packed('pond', folder, blobs);
  await games.release(build);
  container = await fixture.container();
  index = buildIndexSchema.parse(await (await ask(indexBlob().sha256)).json());
});
afterEach(async () => {
  await fixture.close();
  folders.remove();
});

function indexBlob() {
  if (!build.index) throw new Error('the build is not packed');
  return build.index;
}

async function token(containerId = container.containerId, buildId = build.buildId) {
  const tokens = await IdentityTokens.open(join(fixture.folder, 'data'));
  return tokens.issueBuild({ containerId, buildId });
}

async function ask(sha256: string, headers: Record<string, string> = {}, bearer?: string) {
  const authorization = `Bearer ${bearer ?? (await token())}`;
  return fixture.get(blobPath(sha256), { headers: { authorization, ...headers } });
}

const sha256Of = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

describe('blobs of a build', () => {
  it('are given to the container that is to play it, whole', async () => {
    expect(index.files.map(({ path }) => path)).toContain('level.txt');
    for (const { sha256, bytes } of index.blobs) {
      const response = await ask(sha256);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-length')).toBe(String(bytes));
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(sha256Of(Buffer.from(await response.arrayBuffer()))).toBe(sha256);
    }
  });

  it('are given from a byte on, so that a fetch goes on where it broke off', async () => {
    const [blob] = index.blobs;
    if (!blob) throw new Error('no blob');
    const whole = Buffer.from(await (await ask(blob.sha256)).arrayBuffer());
    const rest = await ask(blob.sha256, { range: 'bytes=1000-' });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes 1000-${blob.bytes - 1}/${blob.bytes}`);
    expect(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(1000))).toBe(true);
    const beyond = await ask(blob.sha256, { range: `bytes=${blob.bytes}-` });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe(`bytes */${blob.bytes}`);
    // What is no such range is answered with all of it.
    expect((await ask(blob.sha256, { range: 'bytes=1-2,5-' })).status).toBe(200);
  });

  it('are nobody else’s', async () => {
    const [blob] = index.blobs;
    if (!blob) throw new Error('no blob');
    expect((await fixture.get(blobPath(blob.sha256))).status).toBe(401);
    expect((await ask(blob.sha256, {}, 'made.up.token')).status).toBe(401);
    const stranger = containerIdSchema.parse('11111111-2222-8333-9444-555555555555');
    expect((await ask(blob.sha256, {}, await token(stranger))).status).toBe(401);
    const other = newBuildId();
    expect((await ask(blob.sha256, {}, await token(container.containerId, other))).status).toBe(
      404,
    );
    // The token of a session or a save opens none.
    const tokens = await IdentityTokens.open(join(fixture.folder, 'data'));
    const claims = { containerId: container.containerId, buildId: build.buildId };
    const session = await tokens.issueSession({
      ...claims,
      sessionId: crypto.randomUUID() as never,
      playerId: crypto.randomUUID() as never,
      gameId: 'pond',
    });
    expect((await ask(blob.sha256, {}, session)).status).toBe(401);
  });

  it('are those of that build alone', async () => {
    const blobs = await FolderBlobStore.open(join(fixture.folder, 'data', 'blobs'), Date.now);
    const content = Buffer.from('of another build');
    const sha256 = sha256Of(content);
    await blobs.put(
      { sha256, bytes: content.length },
      (async function* () {
        yield content;
      })(),
    );
    expect((await ask(sha256)).status).toBe(404);
    expect((await ask('not-a-digest')).status).toBe(400);
  });

  it('are closed to a container that has left the pool, after its grace', async () => {
    const [blob] = index.blobs;
    if (!blob) throw new Error('no blob');
    const bearer = await token();
    container.close();
    await expect
      .poll(async () => {
        fixture.timers.advance(10_000);
        return (await ask(blob.sha256, {}, bearer)).status;
      })
      .toBe(401);
  });

  it('are refused in words', async () => {
    const headers = { authorization: 'Bearer made.up' };
    const refused = await fixture.get(blobPath('0'.repeat(64)), { headers });
    expect(await refused.json()).toMatchObject({
      code: 'unauthorised',
      message: expect.stringContaining('Start the game again'),
    });
  });

  it('are refused only so often; what a token opens is not counted', async () => {
    const refused: string[] = [];
    const [blob] = index.blobs;
    const desk: Pick<BlobDesk, 'admit' | 'blobs'> = {
      blobs: await FolderBlobStore.open(join(fixture.folder, 'data', 'blobs'), Date.now),
      admit: async (bearer) => {
        if (bearer === 'good' && blob) return blob;
        throw new RockpoolError('unauthorised', 'no');
      },
    };
    const limit = async (address: string) => {
      if (refused.push(address) > 2) throw new RockpoolError('rate-limited', 'too much');
    };
    const answerError: ErrorRequestHandler = (error: RockpoolError, _request, response, _next) => {
      response.status(error.code === 'rate-limited' ? 429 : 401).end();
    };
    const app = express();
    app.get(BLOB_ROUTE, sendBlob(desk, limit));
    app.use(answerError);
    const server = app.listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const status = async (bearer: string) => {
        const url = `http://127.0.0.1:${port}${blobPath(blob?.sha256 ?? '')}`;
        const response = await fetch(url, { headers: { authorization: `Bearer ${bearer}` } });
        await response.arrayBuffer();
        return response.status;
      };
      expect(await status('bad')).toBe(401);
      for (let i = 0; i < 4; i++) expect(await status('good')).toBe(200);
      expect(await status('bad')).toBe(401);
      expect(await status('bad')).toBe(429);
      expect(await status('good')).toBe(200);
      expect(refused).toHaveLength(3);
    } finally {
      server.close();
    }
  });
});

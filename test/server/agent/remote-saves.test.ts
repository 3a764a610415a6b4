import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentDigest } from '../../../protocol/content-digest.ts';
import { playerIdSchema } from '../../../protocol/ids.ts';
import { HttpRemoteSaves } from '../../../server/agent/remote-saves.ts';
import { sha256Of } from '../../../server/agent/save-digest.ts';
import { SignalingFixture } from '../../support/signaling-fixture.ts';

const OWNER = {
  playerId: playerIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11'),
  gameId: 'skimmer',
};

const never = () => new AbortController().signal;
const save = Buffer.from('level 3');

describe('HttpRemoteSaves', () => {
  it('brings and fetches what a real signaling keeps', async () => {
    const fixture = await SignalingFixture.start();
    const container = await fixture.container({ slots: 2 });
    const player = await fixture.guest();
    await player.mustPlay();
    const { playerId, gameId, save: order } = await container.assigned.next();
    const token = order?.token ?? '';
    const owner = { playerId, gameId };
    const remote = new HttpRemoteSaves(fixture.url);

    expect(await remote.read(owner, token, never())).toBeUndefined();
    expect(await remote.write(owner, token, save, never())).toBe(true);
    expect(await remote.read(owner, token, never())).toEqual(new Uint8Array(save));

    await player.mustPlay();
    const later = (await container.assigned.next()).save;
    await remote.write(owner, later?.token ?? '', Buffer.from('level 4'), never());
    expect(await remote.write(owner, token, save, never())).toBe(false);
    expect(await remote.write(owner, 'garbage', save, never())).toBe(false);
    await expect(remote.read(owner, 'garbage', never())).rejects.toMatchObject({
      code: 'unauthorised',
    });
    await fixture.close();
  });

  describe('where signaling is not as it should be', () => {
    let server: Server;
    let answer: RequestListener;
    let remote: HttpRemoteSaves;
    beforeEach(async () => {
      answer = (_request, response) => response.end();
      server = createServer((request, response) => answer(request, response));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      remote = new HttpRemoteSaves(`http://127.0.0.1:${port}`);
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    it.each([500, 502, 503, 429, 408])('tries again after %i', async (status) => {
      answer = (_request, response) => response.writeHead(status).end('<h1>a proxy</h1>');
      await expect(remote.write(OWNER, 'token', save, never())).rejects.toMatchObject({
        message: `Signaling answered ${status} to a save.`,
      });
    });

    it.each([400, 401, 409, 413])('does not try again after %i', async (status) => {
      answer = (_request, response) => response.writeHead(status).end('<h1>a proxy</h1>');
      expect(await remote.write(OWNER, 'token', save, never())).toBe(false);
    });

    it('takes nothing that is damaged or cut off', async () => {
      const digest = { 'Content-Digest': contentDigest(sha256Of(save)) };
      answer = (_request, response) => response.writeHead(200, digest).end('level 2');
      await expect(remote.read(OWNER, 'token', never())).rejects.toMatchObject({
        code: 'bad-message',
      });
      answer = (_request, response) => {
        response.writeHead(200, { ...digest, 'Content-Length': save.length });
        response.write('lev', () => response.destroy());
      };
      await expect(remote.read(OWNER, 'token', never())).rejects.toMatchObject({
        code: 'timeout',
      });
    });

    it('gives up when told to, and says that nobody is there', async () => {
      const limit = new AbortController();
      answer = () => limit.abort();
      await expect(remote.read(OWNER, 'token', limit.signal)).rejects.toMatchObject({
        code: 'timeout',
      });
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      for (const asking of [
        remote.read(OWNER, 'token', never()),
        remote.write(OWNER, 'token', save, never()),
      ]) {
        await expect(asking).rejects.toMatchObject({ code: 'timeout' });
      }
    });
  });
});

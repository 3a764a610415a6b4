import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSignalingConfig } from '../../signaling/config.ts';
import { startSignaling } from '../../signaling/signaling-server.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockpool-signaling-'));
});
afterEach(() => rm(folder, { recursive: true }));

function start(environment: Record<string, string>, timers = new ManualTimers()) {
  const own = { ROCKPOOL_DATA: folder, DATABASE_URL: 'memory:' };
  return startSignaling(readSignalingConfig({ ...own, ...environment }), {
    log: pino({ level: 'silent' }),
    clientFolder: folder,
    timers,
  });
}

describe('the signaling server', () => {
  it('says that the port is in use and which variable changes it', async () => {
    const first = await start({ ROCKPOOL_PORT: '0' });
    await expect(start({ ROCKPOOL_PORT: String(first.port) })).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringMatching(new RegExp(`Port ${first.port} is in use.*ROCKPOOL_PORT`)),
    });
    await first.close();
  });

  it('says that an address is not of this machine', async () => {
    await expect(start({ ROCKPOOL_PORT: '0', ROCKPOOL_HOST: '192.0.2.1' })).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringContaining('ROCKPOOL_HOST'),
    });
  });

  it('leaves no timer behind where it does not start', async () => {
    const timers = new ManualTimers();
    const noFolder = join(folder, 'a-file');
    await writeFile(noFolder, '');
    await expect(start({ ROCKPOOL_PORT: '0', ROCKPOOL_BLOBS: noFolder }, timers)).rejects.toThrow();
    expect(timers.pending).toBe(0);
    const first = await start({ ROCKPOOL_PORT: '0' });
    const environment = { ROCKPOOL_PORT: String(first.port), ROCKPOOL_DATA: `${folder}/second` };
    await expect(start(environment, timers)).rejects.toThrow('in use');
    expect(timers.pending).toBe(0);
    await first.close();
  });

  it('gives an address that browsers trust, and the configured join token', async () => {
    const server = await start({ ROCKPOOL_PORT: '0', ROCKPOOL_JOIN_TOKEN: 'sixteen characters' });
    expect(server.url).toBe(`http://localhost:${server.port}`);
    expect(server.joinToken).toBe('sixteen characters');
    await expect(stat(join(folder, 'join-token'))).rejects.toThrow('ENOENT');
    await server.close();
  });

  it('disconnects everyone and frees the port when closed, however often', async () => {
    const fixture = await SignalingFixture.start();
    const { port } = fixture.server;
    const container = await fixture.container();
    const player = await fixture.guest();
    await player.mustPlay();
    // A connection that says nothing and one that is kept alive must not hold the server up.
    const idle = connect(port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const idleClosed = new Promise((resolve) => idle.once('close', resolve));
    await fixture.get('/healthz');
    await Promise.all([fixture.server.close(), fixture.server.close()]);
    await Promise.all([container.disconnected, player.disconnected, idleClosed]);
    expect(fixture.timers.pending).toBe(0);
    const successor = createServer();
    await new Promise<void>((resolve) => successor.listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => successor.close(resolve));
    await fixture.close();
  });
});

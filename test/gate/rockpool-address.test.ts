import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { checkRockpool, offeredGames, parseAddress } from '../../gate/target/rockpool-address.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { fakeJoin, fakeLoad } from '../support/fake-container.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** Something that answers the same to everything. */
async function answering(body: string): Promise<URL> {
  server = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new URL(`http://127.0.0.1:${address.port}`);
}

it.each(['rockpool', 'ftp://host', 'main', ''])('%j is no address', (text) => {
  expect(() => parseAddress(text)).toThrow('is no address such as');
});

it('says that nobody answers', async () => {
  const url = await answering('');
  server?.close();
  await expect(checkRockpool(url)).rejects.toThrow(`Nobody answers at ${url.origin}`);
});

it.each(['<!doctype html>', '{}', '{"status":"fine"}'])(
  'knows that %s is not Rockpool',
  async (body) => {
    const url = await answering(body);
    await expect(checkRockpool(url)).rejects.toThrow('is not Rockpool');
  },
);

it('names both versions where they differ', async () => {
  const url = await answering(JSON.stringify({ status: 'ok', protocol: PROTOCOL_VERSION + 1 }));
  await expect(checkRockpool(url)).rejects.toMatchObject({
    code: 'protocol-mismatch',
    message: expect.stringContaining(
      `speaks version ${PROTOCOL_VERSION + 1} of the protocol, this command version ${PROTOCOL_VERSION}`,
    ),
  });
});

it('calls another Rockpool by the name that it was given', async () => {
  const url = await answering(JSON.stringify({ status: 'ok', protocol: PROTOCOL_VERSION + 1 }));
  await expect(checkRockpool(url, 'v0.1')).rejects.toThrow(/^v0\.1 speaks version/);
});

it.each(['<!doctype html>', '{"games":7}'])('knows that %s is no list of games', async (body) => {
  await expect(offeredGames(await answering(body))).rejects.toMatchObject({
    code: 'bad-configuration',
    message: expect.stringContaining('does not say which games it has (HTTP status 200)'),
  });
});

it('takes a Rockpool that can be played, and knows its games', async () => {
  const fixture = await SignalingFixture.start();
  try {
    const url = new URL(fixture.url);
    await expect(checkRockpool(url)).rejects.toThrow('has no container yet');
    const container = fixture.newContainer();
    await container.connected();
    await container.join(fakeJoin());
    await container.request('load', fakeLoad(1, 'standby'));
    await checkRockpool(url);
    expect([...(await offeredGames(url))]).toEqual(['skimmer']);
  } finally {
    await fixture.close();
  }
});

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueToken, listTokens, revokeToken } from '../../cli/join-token-commands.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
let environment: Record<string, string>;
let said: string[];
beforeEach(async () => {
  fixture = await SignalingFixture.start();
  environment = {
    ROCKPOOL_PORT: String(fixture.server.port),
    ROCKPOOL_DATA: join(fixture.folder, 'data'),
  };
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await fixture.close();
});

describe('rockpool token', () => {
  it('issues a token that a machine joins with, lists it and revokes it', async () => {
    await issueToken(environment, { name: "Anna's PC", expires: '30d', once: true });
    const [, url, token = ''] = /--join (\S+) --token=(\S+)/.exec(said.join('')) ?? [];
    expect(url).toBe(fixture.url);
    expect(said.join('')).toContain('with the address that other machines know this one by');
    const container = await fixture.newContainer({ joinToken: token }).start();
    const [, tokenId] = /token revoke (\S+)/.exec(said.splice(0).join('')) ?? [];

    await listTokens(environment, {});
    const list = said.splice(0).join('');
    expect(list).toContain(`${tokenId}  Anna's PC`);
    expect(list).toContain(`machine ${container.containerId}`);
    expect(list).toContain('for one machine');
    expect(list).not.toContain(token);

    await revokeToken(environment, tokenId, {});
    expect(await container.refused.next()).toMatchObject({ code: 'unauthorised' });
    await listTokens(environment, { url: fixture.url });
    expect(said.join('')).toMatch(/revoked 20\d\d-/);
  });

  it.each([
    ['a name', () => issueToken(environment, {})],
    ['--expires', () => issueToken(environment, { name: 'n', expires: 'soon' })],
    ['by its id', () => revokeToken(environment, 'anna', {})],
    ['operator-secret', () => listTokens({ ...environment, ROCKPOOL_DATA: fixture.folder }, {})],
    ['does not answer', () => listTokens(environment, { url: 'http://127.0.0.1:1' })],
    ['no address', () => listTokens(environment, { url: 'signaling' })],
    ['--url', () => listTokens({ ...environment, ROCKPOOL_PORT: '0' }, {})],
  ])('says what to do about %s', async (what, command) => {
    await expect(command()).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringContaining(what),
    });
  });
});

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RockpoolError, type WireError } from '../../protocol/errors.ts';
import {
  type IssuedToken,
  type IssueRequest,
  issuedTokenSchema,
  JOIN_TOKENS_PATH,
  joinTokenListSchema,
} from '../../protocol/join-tokens.ts';
import { ContainerIdentity } from '../../server/agent/container-identity.ts';
import { REVOCATION_CHECK_MS } from '../../signaling/join-tokens.ts';
import { type FakeContainer, fakeJoin } from '../support/fake-container.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
let secretPath: string;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
  secretPath = join(fixture.folder, 'data', 'operator-secret');
});
afterEach(() => fixture.close());

async function operator(method: string, path = '', body?: unknown): Promise<Response> {
  const secret = (await readFile(secretPath, 'utf8')).trim();
  return fixture.get(`${JOIN_TOKENS_PATH}${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function issue(request: Partial<IssueRequest> = {}): Promise<IssuedToken> {
  const response = await operator('POST', '', { name: "Anna's PC", ...request });
  return issuedTokenSchema.parse(await response.json());
}

async function listed() {
  return joinTokenListSchema.parse(await (await operator('GET')).json()).tokens;
}

/** What a refused handshake carried. */
async function refusal(container: FakeContainer): Promise<WireError | undefined> {
  return container.connected().then(
    () => {
      throw new Error('the handshake was accepted');
    },
    (thrown: Error & { data?: WireError }) => thrown.data,
  );
}

describe('a join token of its own', () => {
  it('lets a machine in, and is told of without itself', async () => {
    const { token, info } = await issue({ lifetimeMs: 1_000 });
    const createdAtMs = fixture.wallClockMs;
    expect(info).toMatchObject({ name: "Anna's PC", createdAtMs, containerIds: [] });
    expect(info.expiresAtMs).toBe(createdAtMs + 1_000);
    fixture.wallClockMs += 7;
    const { containerId } = await fixture.newContainer({ joinToken: token }).start();
    expect(await listed()).toEqual([
      { ...info, lastUsedAtMs: createdAtMs + 7, containerIds: [containerId] },
    ]);
    expect(JSON.stringify(await fixture.store.joinTokens())).not.toContain(token);
    expect((await (await fixture.guest()).mustPlay()).containerId).toBe(containerId);
  });

  it('ends with the connections that it let in, and with no other', async () => {
    const { token, info } = await issue();
    const theirs = await fixture.newContainer({ joinToken: token }).start();
    const ours = await fixture.container();
    expect((await operator('DELETE', `/${info.tokenId}`)).status).toBe(200);
    const told = await theirs.refused.next();
    expect(told).toMatchObject({ code: 'unauthorised' });
    expect(told.message).toContain('was revoked');
    await theirs.disconnected;
    expect(ours.socket.connected).toBe(true);
    const { identity } = theirs;
    const again = await refusal(fixture.newContainer({ joinToken: token, identity }));
    expect(again).toEqual(told);
    expect((await listed())[0]?.revokedAtMs).toBe(fixture.wallClockMs);
    const withOurs = await fixture.newContainer({ identity }).start();
    expect(withOurs.containerId).toBe(theirs.containerId);
  });

  it('ends where another node was told to revoke it', async () => {
    const { token, info } = await issue();
    const container = await fixture.newContainer({ joinToken: token }).start();
    await fixture.store.revokeJoinToken(info.tokenId, fixture.wallClockMs);
    fixture.timers.advance(REVOCATION_CHECK_MS);
    expect(await container.refused.next()).toMatchObject({ code: 'unauthorised' });
  });

  it('for one machine lets in the one alone that came first', async () => {
    const { token } = await issue({ once: true });
    const first = await fixture.newContainer({ joinToken: token }).start();
    const second = fixture.newContainer({ joinToken: token });
    await second.connected();
    void second.join(fakeJoin()).catch(() => undefined);
    expect((await second.refused.next()).message).toContain('another one joined with it');
    first.close();
    const back = fixture.newContainer({ joinToken: token, identity: first.identity });
    await back.start();
    expect((await listed())[0]?.containerIds).toEqual([first.containerId]);
  });

  it('is no good once it has expired', async () => {
    const { token } = await issue({ lifetimeMs: 60_000 });
    fixture.wallClockMs += 60_000;
    const told = await refusal(fixture.newContainer({ joinToken: token }));
    expect(told).toMatchObject({ code: 'unauthorised' });
    expect(told?.message).toContain('has expired');
  });

  it('makes no machine another, nor is bound by one that is not who it says', async () => {
    const { token } = await issue({ once: true });
    const victim = await fixture.container();
    const { publicKey } = await victim.identity;
    const identity = ContainerIdentity.create();
    const thief = fixture.newContainer({ joinToken: token, identity, publicKey });
    await thief.connected();
    expect(await thief.join(fakeJoin())).toMatchObject({
      ok: false,
      error: { code: 'unauthorised' },
    });
    expect(victim.socket.connected).toBe(true);
    expect((await listed())[0]).toMatchObject({ containerIds: [], lastUsedAtMs: null });
    thief.close();
    await fixture.newContainer({ joinToken: token }).start();
  });

  it('cannot be told from a wrong one while the database is away, and nobody is sent off', async () => {
    const { token } = await issue();
    fixture.store.failure = new RockpoolError('internal', 'The database is away.');
    expect(await refusal(fixture.newContainer({ joinToken: token }))).toMatchObject({
      code: 'internal',
    });
    await fixture.newContainer().start();
    fixture.store.failure = undefined;
    await fixture.newContainer({ joinToken: token }).start();
  });
});

describe("the operator's way in", () => {
  it('is for who can read the secret, which is a file for its owner alone', async () => {
    expect((await stat(secretPath)).mode & 0o777).toBe(0o600);
    const { server } = fixture;
    for (const secret of ['', server.joinToken, 'x'.repeat(43)]) {
      const headers = { authorization: `Bearer ${secret}` };
      for (const [method, path] of [
        ['GET', ''],
        ['POST', ''],
        ['DELETE', '/11111111-1111-4111-8111-111111111111'],
      ] as const) {
        const response = await fixture.get(`${JOIN_TOKENS_PATH}${path}`, { method, headers });
        expect(response.status).toBe(401);
        expect(response.headers.get('cache-control')).toBe('no-store');
      }
    }
    expect(await fixture.store.joinTokens()).toEqual([]);
  });

  it.each([{}, { name: '' }, { name: 'n', lifetimeMs: -1 }, { name: 'n', secret: 'more' }, 'name'])(
    'issues nothing for %j',
    async (body) => {
      const response = await operator('POST', '', body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'bad-message' });
      expect(await fixture.store.joinTokens()).toEqual([]);
    },
  );

  it('says that there is no such token to revoke', async () => {
    for (const tokenId of ['11111111-1111-4111-8111-111111111111', 'nothing']) {
      const response = await operator('DELETE', `/${tokenId}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'bad-message' });
    }
  });
});

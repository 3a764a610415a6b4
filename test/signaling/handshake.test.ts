import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WireError } from '../../protocol/errors.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { isAllowedOrigin } from '../../signaling/handshake.ts';
import { fakeJoin, fakeLoad, newContainerId } from '../support/fake-container.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

const ELSEWHERE = 'https://play.example.org';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start({ origins: [ELSEWHERE] });
});
afterEach(() => fixture.close());

/** What a refused handshake carried. */
async function refusal(attempt: Promise<unknown>): Promise<WireError | undefined> {
  const error = await attempt.then(
    () => {
      throw new Error('the handshake was accepted');
    },
    (thrown: Error & { data?: WireError }) => thrown,
  );
  return error.data;
}

describe('the handshake of a player', () => {
  it('makes a new guest, who is the same one with the token', async () => {
    const first = await fixture.player().welcome();
    expect(first.protocol).toBe(PROTOCOL_VERSION);
    const again = await fixture.player({ token: first.token }).welcome();
    expect(again.playerId).toBe(first.playerId);
    const other = await fixture.player().welcome();
    expect(other.playerId).not.toBe(first.playerId);
  });

  it('makes a new guest of one whose token is no good', async () => {
    const welcome = await fixture.player({ token: 'eyJhbGciOiJub25lIn0.e30.' }).welcome();
    expect(welcome.playerId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('tells the page to reload when the versions differ, whatever else the hello holds', async () => {
    const player = fixture.player({ protocol: PROTOCOL_VERSION + 1, somethingNew: true });
    const error = await refusal(player.welcome());
    expect(error?.code).toBe('protocol-mismatch');
    expect(error?.message).toContain(`version ${PROTOCOL_VERSION} `);
    expect(error?.message).toContain(`version ${PROTOCOL_VERSION + 1}.`);
    expect(error?.message).toContain('Reload the page.');
  });

  it.each([{ protocol: 'one' }, { token: 7 }, { extra: true }, { token: '' }])(
    'is refused with %j in it',
    async (hello) => {
      expect((await refusal(fixture.player(hello).welcome()))?.code).toBe('bad-message');
      const counted = await fixture.metric(
        'rockpool_rejected_messages_total{edge="handshake",code="bad-message"}',
      );
      expect(counted).toBe(1);
    },
  );
});

describe('the origin of a page', () => {
  it('may be this server or a configured one', async () => {
    await fixture.player({}, { origin: fixture.url }).welcome();
    await fixture.player({}, { origin: ELSEWHERE }).welcome();
  });

  it.each(['https://evil.example.org', 'null', 'http://127.0.0.1:1', `${ELSEWHERE}.evil.org`])(
    'must not be %s',
    async (origin) => {
      await refusal(fixture.player({}, { origin }).welcome());
      const counted = await fixture.metric(
        'rockpool_rejected_messages_total{edge="handshake",code="forbidden-origin"}',
      );
      expect(counted).toBe(1);
    },
  );

  it('must be named by a player and must not by a container', async () => {
    const player = await refusal(fixture.player({}, {}).welcome());
    expect(player?.code).toBe('forbidden-origin');
    const container = fixture.newContainer({}, { origin: fixture.url });
    expect((await refusal(container.connected()))?.code).toBe('forbidden-origin');
  });

  it('is compared with the host asked for, default ports or not', () => {
    const allowed = (origin: string, host: string) =>
      isAllowedOrigin({ headers: { origin, host } }, []);
    expect(allowed('https://play.example.org', 'play.example.org')).toBe(true);
    expect(allowed('https://play.example.org', 'play.example.org:443')).toBe(true);
    expect(allowed('http://[::1]:8080', '[::1]:8080')).toBe(true);
    expect(allowed('http://play.example.org', 'play.example.org:8080')).toBe(false);
    expect(allowed('file://', '')).toBe(false);
    expect(isAllowedOrigin({ headers: { origin: 'http://a' } }, [])).toBe(false);
  });
});

describe('the handshake of a container', () => {
  it('needs the join token', async () => {
    const error = await refusal(fixture.newContainer({ joinToken: 'a wrong one' }).connected());
    expect(error?.code).toBe('unauthorised');
    expect(error?.message).toContain('ROCKPOOL_JOIN_TOKEN');
  });

  it('says what to update when the versions differ', async () => {
    const error = await refusal(fixture.newContainer({ protocol: 99 }).connected());
    expect(error?.code).toBe('protocol-mismatch');
    expect(error?.message).toContain('Update the container');
  });

  it('must be followed by a join before all else', async () => {
    const container = fixture.newContainer();
    await container.connected();
    for (const [event, payload] of [
      ['load', fakeLoad(1, 'standby')],
      ['cover', { gameId: 'skimmer', webp: Buffer.from('x') }],
      ['session-state', { sessionId: newContainerId(), state: 'streaming' }],
    ] as const) {
      expect(await container.request(event, payload)).toMatchObject({
        ok: false,
        error: { code: 'unauthorised' },
      });
    }
    expect((await fixture.get('/healthz')).status).toBe(503);
  });

  it('goes by the fingerprint of the key that signs for it', async () => {
    const container = await fixture.container();
    const { containerId } = await container.identity;
    expect((await (await fixture.guest()).mustPlay()).containerId).toBe(containerId);
    const again = await fixture.container({ slots: 9 }, { identity: container.identity });
    expect(again.containerId).toBe(containerId);
  });

  it('lets nobody join as a container whose key they do not have', async () => {
    const victim = await fixture.container();
    const { publicKey } = await victim.identity;
    // With the join token, and with the victim's public key, which is no secret.
    const impostor = fixture.newContainer({ publicKey });
    await impostor.connected();
    expect(await impostor.join(fakeJoin({ slots: 9 }))).toMatchObject({
      ok: false,
      error: { code: 'unauthorised', message: expect.stringContaining('not signed') },
    });
    expect(victim.socket.connected).toBe(true);
    expect((await (await fixture.guest()).mustPlay()).containerId).toBe(victim.containerId);
    expect(impostor.assigned.unread).toEqual([]);
  });

  it('takes no statement that was made for another connection, or that somebody altered', async () => {
    const container = fixture.newContainer();
    await container.connected();
    const identity = await container.identity;
    const own = { ...fakeJoin(), socketId: container.socket.id ?? '' };
    const replayed = await identity.sign({ ...own, socketId: 'of another day' });
    const [header, , signature] = (await identity.sign(own)).split('.');
    const richer = Buffer.from(JSON.stringify({ ...own, slots: 900 })).toString('base64url');
    for (const statement of [replayed, `${header}.${richer}.${signature}`, 'no statement']) {
      expect(await container.request('join', { statement })).toMatchObject({
        ok: false,
        error: { code: 'unauthorised' },
      });
    }
    const nonsense = await identity.sign({ ...own, slots: -1 });
    expect(await container.request('join', { statement: nonsense })).toMatchObject({
      ok: false,
      error: { code: 'bad-message', message: expect.stringContaining('slots') },
    });
    // None of which keeps it from joining.
    expect(await container.join(fakeJoin())).toMatchObject({ ok: true });
  });

  it.each(['A'.repeat(42), 'A'.repeat(44), 'B'.repeat(43), '*'.repeat(43)])(
    'refuses %s for a key',
    async (publicKey) => {
      const error = await refusal(fixture.newContainer({ publicKey }).connected());
      expect(error).toMatchObject({
        code: 'bad-message',
        message: expect.stringContaining('publicKey'),
      });
    },
  );

  it('lets the newer connection of the same container replace the older', async () => {
    const older = await fixture.container();
    const newer = await fixture.container({}, { identity: older.identity, name: 'newer' });
    expect((await older.refused.next()).message).toContain('newer connection');
    await older.disconnected;
    const player = await fixture.guest();
    expect((await player.mustPlay()).containerName).toBe('newer');
    expect(newer.assigned.unread).toHaveLength(1);
    expect(older.assigned.unread).toHaveLength(0);
  });
});

import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type MachineHistory,
  type MachineReport,
  machineHistorySchema,
  machineLogSchema,
  machineReportSchema,
} from '../../protocol/console-report.ts';
import { CONSOLE_AUDIENCE, CONSOLE_TOKEN_LIFETIME_MS } from '../../protocol/console-token.ts';
import { containerIdOf } from '../../protocol/container-identity.ts';
import { type WireError, wireErrorSchema } from '../../protocol/errors.ts';
import { ContainerIdentity } from '../../server/agent/container-identity.ts';
import { type FakeContainer, fakeJoin, fakeLoad } from '../support/fake-container.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';
import { pairingDecision, QUALITY, sessionStart } from '../support/store-records.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

function ask(path: string, authorization?: string, method = 'GET'): Promise<Response> {
  const headers = authorization === undefined ? {} : { authorization };
  return fixture.get(`/api/console${path}`, { method, headers });
}

async function tokenOf({ identity }: Pick<FakeContainer, 'identity'>): Promise<string> {
  return `Bearer ${await (await identity).consoleToken(fixture.wallClockMs)}`;
}

async function reportOf(container: FakeContainer): Promise<MachineReport> {
  return machineReportSchema.parse(await (await ask('/machine', await tokenOf(container))).json());
}

async function historyOf(container: FakeContainer): Promise<MachineHistory> {
  const response = await ask('/machine/sessions', await tokenOf(container));
  return machineHistorySchema.parse(await response.json());
}

async function refusal(response: Response): Promise<WireError & { status: number }> {
  return { status: response.status, ...wireErrorSchema.parse(await response.json()) };
}

/** What comes to a container of this command, each answered well. */
function answered(container: FakeContainer, command: string, value: unknown = {}): unknown[] {
  const came: unknown[] = [];
  container.socket.on(command, (payload: unknown, ack: (answer: unknown) => void) => {
    came.push(payload);
    ack({ ok: true, value });
  });
  return came;
}

describe('the console', () => {
  const ROUTES = [
    ['GET', '/machine'],
    ['GET', '/machine/sessions'],
    ['GET', '/machine/log'],
    ['POST', '/machine/drain'],
    ['POST', '/machine/resume'],
  ] as const;

  it.each(ROUTES)('%s %s is for whoever has the link of a machine', async (method, path) => {
    const refused = await refusal(await ask(path, undefined, method));
    expect(refused).toMatchObject({ status: 401, code: 'unauthorised' });
    expect(refused.message).toContain('console link');
  });

  it('takes no token that anything but the machine itself has signed for it', async () => {
    const container = await fixture.container();
    const { containerId, publicKey } = await container.identity;
    const pair = await generateKeyPair('EdDSA', { extractable: true });
    const { x: strangersKey = '' } = await exportJWK(pair.publicKey);
    const sign = (key: string, sub: string, audience = CONSOLE_AUDIENCE) =>
      new SignJWT({ key })
        .setProtectedHeader({ alg: 'EdDSA' })
        .setSubject(sub)
        .setAudience(audience)
        .setIssuedAt(new Date(fixture.wallClockMs))
        .setExpirationTime(new Date(fixture.wallClockMs + 60_000))
        .sign(pair.privateKey);
    const strangersId = await containerIdOf(strangersKey);
    const own = await (await container.identity).consoleToken(fixture.wallClockMs);
    const forged = [
      // Signed with another key than it names, with one whose fingerprint is another's, or for
      // something else.
      await sign(publicKey, containerId),
      await sign(strangersKey, containerId),
      await sign(strangersKey, strangersId, 'rockpool:player'),
      own.replace(/\.[^.]*$/, '.'),
      `${own.slice(0, -4)}AAAA`,
      // A statement for joining is signed by the machine, but for something else.
      await (await container.identity).sign({ ...fakeJoin(), socketId: 'one' }),
      (await fixture.guest()).token,
    ];
    for (const token of forged) {
      const refused = await refusal(await ask('/machine', `Bearer ${token}`));
      expect(refused).toMatchObject({ status: 401, code: 'unauthorised' });
      expect(refused.message).toContain('damaged');
    }
    expect((await ask('/machine', `Bearer ${own}`)).status).toBe(200);
    expect((await ask('/machine', `Bearer ${await sign(strangersKey, strangersId)}`)).status).toBe(
      503,
    );
  });

  it('answers any header with a sentence', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary-ascii', maxLength: 200 }), async (text) => {
        const authorization = `Bearer ${text.replace(/[^\x20-\x7e]/g, '.')}`;
        expect((await refusal(await ask('/machine', authorization))).status).toBe(401);
      }),
      { numRuns: 50 },
    );
  });

  it('tells an expired link from a damaged one', async () => {
    const container = await fixture.container();
    const token = await tokenOf(container);
    fixture.wallClockMs += CONSOLE_TOKEN_LIFETIME_MS;
    const { status, message } = await refusal(await ask('/machine', token));
    expect(status).toBe(401);
    expect(message).toContain('expired');
  });

  it('shows a machine as it is now, and nobody who plays on it', async () => {
    const container = await fixture.container(
      { slots: 2, pricePerHour: 3 },
      { name: 'Attic', region: 'eu-north' },
    );
    const player = await fixture.guest();
    const grant = await player.mustPlay();
    const response = await ask('/machine', await tokenOf(container));
    const text = await response.text();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(machineReportSchema.parse(JSON.parse(text))).toMatchObject({
      name: 'Attic',
      region: 'eu-north',
      pricePerHour: 3,
      live: {
        state: 'standby',
        slots: 2,
        freeSlots: 1,
        games: [{ gameId: 'skimmer', title: 'skimmer' }],
        running: [{ gameId: 'skimmer', state: 'connecting', sinceMs: fixture.wallClockMs }],
      },
    });
    expect(text).not.toContain(player.playerId);
    expect(text).not.toContain(grant.sessionId);
  });

  it('shows each machine to its own link alone', async () => {
    const [one, two] = [
      await fixture.container({}, { name: 'one' }),
      await fixture.container({}, { name: 'two' }),
    ];
    expect((await reportOf(one)).name).toBe('one');
    expect((await reportOf(two)).name).toBe('two');
    const [drainsOne, drainsTwo] = [answered(one, 'drain'), answered(two, 'drain')];
    expect((await ask('/machine/drain', await tokenOf(one), 'POST')).status).toBe(200);
    expect([drainsOne, drainsTwo]).toEqual([[{}], []]);
  });

  it('shows what is remembered of a machine that is away', async () => {
    const container = await fixture.container({}, { name: 'Attic' });
    fixture.wallClockMs += 5_000;
    container.close();
    await expect.poll(async () => (await reportOf(container)).live).toBeNull();
    expect(await reportOf(container)).toMatchObject({
      name: 'Attic',
      firstSeenAtMs: fixture.wallClockMs - 5_000,
      lastSeenAtMs: fixture.wallClockMs,
      encoders: [{ name: 'x264' }],
    });
  });

  it('says so where a machine was never here', async () => {
    const token = await tokenOf({ identity: ContainerIdentity.create() });
    const refused = await refusal(await ask('/machine', token));
    expect(refused).toMatchObject({ status: 503, code: 'container-lost' });
    expect(refused.message).toContain('does not know this machine');
  });

  it('tells how the sessions of a week went, and of no other machine', async () => {
    const container = await fixture.container();
    const { containerId } = container;
    const { store, wallClockMs } = fixture;
    const decision = pairingDecision(containerId);
    const old = sessionStart({ containerId, decision, startedAtMs: wallClockMs - 8 * 86_400_000 });
    const lately = sessionStart({ containerId, decision, startedAtMs: wallClockMs - 60_000 });
    const elsewhere = sessionStart({ startedAtMs: wallClockMs - 60_000 });
    for (const session of [old, lately, elsewhere]) await store.beginSession(session);
    await store.endSession(lately.sessionId, { atMs: wallClockMs, reason: 'game-over' });
    await store.reportQuality(lately.sessionId, lately.playerId, QUALITY);
    const history = await historyOf(container);
    expect(history.sessions).toEqual([
      {
        gameId: 'skimmer',
        startedAtMs: wallClockMs - 60_000,
        endedAtMs: wallClockMs,
        reason: 'game-over',
        clickToPhotonP50Ms: QUALITY.clickToPhotonP50Ms,
        clickToPhotonP95Ms: QUALITY.clickToPhotonP95Ms,
        freezes: QUALITY.freezes,
      },
    ]);
  });

  it('drains and resumes, and passes on why a machine will not', async () => {
    const container = await fixture.container();
    const token = await tokenOf(container);
    const drains = answered(container, 'drain');
    expect((await ask('/machine/drain', token, 'POST')).status).toBe(200);
    expect(drains).toHaveLength(1);
    await container.request('load', fakeLoad(1, 'draining'));
    expect((await reportOf(container)).live?.state).toBe('draining');

    const error = { code: 'no-free-slot', message: 'This machine was told to stop.' };
    container.socket.on('reopen', (_payload, ack) => ack({ ok: false, error }));
    expect(await refusal(await ask('/machine/resume', token, 'POST'))).toEqual({
      status: 409,
      ...error,
    });
  });

  it('cannot command a machine that is away, and says what to do', async () => {
    const container = await fixture.container();
    container.close();
    await expect.poll(async () => (await reportOf(container)).live).toBeNull();
    const refused = await refusal(await ask('/machine/drain', await tokenOf(container), 'POST'));
    expect(refused).toMatchObject({ status: 503, code: 'container-lost' });
    expect(refused.message).toContain('Start its container');
  });

  it('asks a machine for its log, and says where it cannot be asked', async () => {
    const container = await fixture.container();
    const token = await tokenOf(container);
    const lines = [{ atMs: 1, level: 'info', message: 'joined the pool', detail: '' }];
    answered(container, 'log', { lines });
    const log = async () => machineLogSchema.parse(await (await ask('/machine/log', token)).json());
    expect(await log()).toEqual({ connected: true, lines });
    container.close();
    await expect.poll(log).toEqual({ connected: false });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../protocol/errors.ts';
import { issuedTokenSchema, JOIN_TOKENS_PATH } from '../../../protocol/join-tokens.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import { ContainerIdentity } from '../../../server/agent/container-identity.ts';
import { type CommandHandlers, SignalingLink } from '../../../server/agent/signaling-link.ts';
import { REVOCATION_CHECK_MS } from '../../../signaling/join-tokens.ts';
import { fakeJoin } from '../../support/fake-container.ts';
import { SignalingFixture } from '../../support/signaling-fixture.ts';

/** Nothing is asked of a container here. */
const HANDLERS = {} as CommandHandlers;

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

/** Joins with a token, and notes what becomes of the connection. */
async function link(joinToken: string) {
  const identity = await ContainerIdentity.create();
  const joins: Promise<void>[] = [];
  const refusals: RockpoolError[] = [];
  const hello = {
    protocol: PROTOCOL_VERSION,
    joinToken,
    publicKey: identity.publicKey,
    name: 'attic',
    region: 'local',
  };
  const made = new SignalingLink(fixture.url, hello, HANDLERS, {
    handleConnected: (socketId) => {
      const joining = async () => {
        const statement = await identity.sign({ ...fakeJoin(), socketId });
        await made.request('join', { statement });
      };
      joins.push(joining());
    },
    handleDisconnected: () => undefined,
    handleRefused: (error) => refusals.push(error),
  });
  return { link: made, joins, refusals };
}

/** A token of its own, and how another node would revoke it. */
async function issue(): Promise<{ token: string; revoke: () => Promise<void> }> {
  const secret = (await readFile(join(fixture.folder, 'data', 'operator-secret'), 'utf8')).trim();
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'attic' });
  const response = await fixture.get(JOIN_TOKENS_PATH, { method: 'POST', headers, body });
  const { token, info } = issuedTokenSchema.parse(await response.json());
  const revoke = async () => {
    await fixture.store.revokeJoinToken(info.tokenId, fixture.wallClockMs);
    fixture.timers.advance(REVOCATION_CHECK_MS);
  };
  return { token, revoke };
}

describe('the link of a container', () => {
  it('ends for good when its token is revoked, and says why', async () => {
    const { token, revoke } = await issue();
    const { link: mine, joins, refusals } = await link(token);
    mine.connect();
    await expect.poll(() => joins.length).toBe(1);
    await joins[0];
    await revoke();
    await expect.poll(() => refusals.length).toBe(1);
    expect(refusals[0]).toMatchObject({
      code: 'unauthorised',
      message: expect.stringContaining('was revoked'),
    });
    expect(mine.connected).toBe(false);
    mine.close();
  });

  it('comes back where signaling could not look its token up', async () => {
    const { token } = await issue();
    fixture.store.failure = new RockpoolError('internal', 'The database is away.');
    const { link: mine, joins, refusals } = await link(token);
    mine.connect();
    const refused = 'rockpool_rejected_messages_total{edge="handshake",code="internal"}';
    await expect.poll(() => fixture.metric(refused)).toBeGreaterThan(0);
    fixture.store.failure = undefined;
    await expect.poll(() => joins.length).toBe(1);
    await joins[0];
    expect(refusals).toEqual([]);
    mine.close();
  });
});

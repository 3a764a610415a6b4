import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  inviteIdSchema,
  playerIdSchema,
  sessionIdSchema,
  tokenSchema,
} from '../../protocol/ids.ts';
import { IdentityTokens, type SessionClaims } from '../../signaling/identity-tokens.ts';
import { newContainerId } from '../support/fake-container.ts';

const playerId = playerIdSchema.parse(randomUUID());
const claims: SessionClaims = {
  playerId,
  sessionId: sessionIdSchema.parse(randomUUID()),
  containerId: newContainerId(),
  gameId: 'skimmer',
};
const DAY_MS = 24 * 60 * 60 * 1000;

describe('identity tokens', () => {
  it('name the player they were issued for, and fit the protocol', async () => {
    const tokens = new IdentityTokens(randomBytes(32));
    const token = await tokens.issuePlayer(playerId);
    expect(tokenSchema.parse(token)).toBe(token);
    expect(await tokens.verifyPlayer(token)).toBe(playerId);
  });

  it('expire after 90 days', async () => {
    let now = new Date('2030-01-01');
    const tokens = new IdentityTokens(randomBytes(32), () => now);
    const token = await tokens.issuePlayer(playerId);
    now = new Date(now.getTime() + 90 * DAY_MS - 1000);
    expect(await tokens.verifyPlayer(token)).toBe(playerId);
    now = new Date(now.getTime() + 1000);
    expect(await tokens.verifyPlayer(token)).toBeUndefined();
  });

  it('are refused when another key signed them, or none', async () => {
    const tokens = new IdentityTokens(randomBytes(32));
    const forged = await new IdentityTokens(randomBytes(32)).issuePlayer(playerId);
    expect(await tokens.verifyPlayer(forged)).toBeUndefined();
    const [, body] = (await tokens.issuePlayer(playerId)).split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await tokens.verifyPlayer(`${header}.${body}.`)).toBeUndefined();
    expect(await tokens.verifyPlayer('not a token')).toBeUndefined();
  });

  it('for a session carry whose it is and where it runs', async () => {
    const tokens = new IdentityTokens(randomBytes(32));
    expect(await tokens.verifySession(await tokens.issueSession(claims))).toEqual(claims);
  });

  it('for saves carry which session they are for, and expire after three days', async () => {
    let now = new Date('2030-01-01');
    const tokens = new IdentityTokens(randomBytes(32), () => now);
    const token = await tokens.issueSave({ ...claims, turn: 7 });
    expect(tokenSchema.parse(token)).toBe(token);
    now = new Date(now.getTime() + 3 * DAY_MS - 1000);
    expect(await tokens.verifySave(token)).toEqual({ ...claims, turn: 7 });
    now = new Date(now.getTime() + 1000);
    expect(await tokens.verifySave(token)).toBeUndefined();
  });

  it('for a link carry which session it leads into, and no player', async () => {
    const tokens = new IdentityTokens(randomBytes(32));
    const { playerId: _, ...session } = claims;
    const invite = { ...session, inviteId: inviteIdSchema.parse(randomUUID()) };
    const token = await tokens.issueInvite(invite);
    expect(await tokens.verifyInvite(token)).toEqual(invite);
    expect(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).not.toContain(playerId);
    expect(await tokens.verifySession(token)).toBeUndefined();
    expect(await tokens.verifyInvite(await tokens.issueSession(claims))).toBeUndefined();
  });

  it('of one kind never pass as the other', async () => {
    const tokens = new IdentityTokens(randomBytes(32));
    expect(await tokens.verifySave(await tokens.issueSession(claims))).toBeUndefined();
    const forSaves = await tokens.issueSave({ ...claims, turn: 7 });
    expect(await tokens.verifySession(forSaves)).toBeUndefined();
    expect(await tokens.verifyPlayer(forSaves)).toBeUndefined();
    expect(await tokens.verifyPlayer(await tokens.issueSession(claims))).toBeUndefined();
    expect(await tokens.verifySession(await tokens.issuePlayer(playerId))).toBeUndefined();
  });
});

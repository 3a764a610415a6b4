import { describe, expect, it } from 'vitest';
import { RESTORE_MS } from '../../../protocol/studio-access.ts';
import {
  INVITATION_LIFETIME_MS,
  SIGN_IN_CODE_LIFETIME_MS,
} from '../../../signaling/studio/accounts/one-time-code.ts';
import { SIGN_IN_LIFETIME_MS } from '../../../signaling/studio/accounts/sign-ins.ts';
import { slugsFor } from '../../../signaling/studio/accounts/studio-slug.ts';
import { StudioAccounts } from '../../support/studio-accounts.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the first start', () => {
  it('has one code for the first owner, who begins a studio with it', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found('Ada', 'Café Noir!');
    expect(studio).toMatchObject({ slug: 'cafe-noir', name: 'Café Noir!' });
    expect(await world.mustBe(session)).toMatchObject({ name: 'Ada', founder: true });
    expect(await world.logOf(studio)).toEqual(['Ada studio.created Café Noir!']);
  });

  it('prints none later, while that owner can come in', async () => {
    const world = new StudioAccounts();
    const { session } = await world.found();
    expect(await world.accounts.codes.issueAtStart()).toBeUndefined();
    await world.accounts.signIns.end(await world.mustBe(session), false);
    const again = await world.accounts.codes.issueAtStart();
    expect(await world.accounts.codes.look(again?.code ?? '')).toEqual({
      purpose: 'sign-in',
      name: 'Ada',
    });
  });

  it('leaves no second code that would make another first owner', async () => {
    const world = new StudioAccounts();
    const before = await world.accounts.codes.issueAtStart();
    await world.found();
    const use = { code: before?.code ?? '', name: 'Eve', studio: 'Evil' };
    await expect(world.accounts.codes.use(use, undefined, '')).rejects.toMatchObject({
      code: 'unauthorised',
    });
    expect(await world.store.studio.peopleNamed('Eve')).toEqual([]);
  });

  it('keeps the code where the name is missing', async () => {
    const world = new StudioAccounts();
    const { code = '' } = (await world.accounts.codes.issueAtStart()) ?? {};
    await expect(world.accounts.codes.use({ code }, undefined, '')).rejects.toMatchObject({
      code: 'bad-message',
    });
    expect(await world.accounts.codes.look(code)).toEqual({ purpose: 'found' });
  });
});

describe('a code', () => {
  it('works once, and then says so', async () => {
    const world = new StudioAccounts();
    await world.found();
    const { issued } = await world.accounts.codes.issueFor('ada');
    const { code } = issued;
    const uses = await Promise.allSettled(
      Array.from({ length: 5 }, () => world.accounts.codes.use({ code }, undefined, '')),
    );
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(world.accounts.codes.look(code)).rejects.toMatchObject({
      code: 'unauthorised',
      message: /used already/,
    });
  });

  it('expires, and then says so', async () => {
    const world = new StudioAccounts();
    const { code = '', expiresAtMs } = (await world.accounts.codes.issueAtStart()) ?? {};
    expect(expiresAtMs).toBe(world.wallClockMs + SIGN_IN_CODE_LIFETIME_MS);
    world.wallClockMs += SIGN_IN_CODE_LIFETIME_MS;
    for (const refused of [
      world.accounts.codes.look(code),
      world.accounts.codes.use({ code, name: 'Ada' }, undefined, ''),
    ]) {
      await expect(refused).rejects.toMatchObject({ code: 'unauthorised', message: /expired/ });
    }
  });

  it('is asked for by name or id, and never for somebody else', async () => {
    const world = new StudioAccounts();
    const { session } = await world.found();
    const { codes } = world.accounts;
    expect((await codes.issueFor(undefined)).person?.name).toBe('Ada');
    await expect(codes.issueFor('Nobody')).rejects.toMatchObject({ message: /Nobody here/ });
    const [first, second] = [
      await world.invite(session, 'Bob', 'owner'),
      await world.invite(session, 'bob', 'viewer'),
    ];
    const { personId } = await world.mustBe(second);
    await expect(codes.issueFor('BOB')).rejects.toMatchObject({
      message: expect.stringContaining(personId),
    });
    await expect(codes.issueFor(undefined)).rejects.toMatchObject({
      message: expect.stringContaining((await world.mustBe(first)).personId),
    });
    expect((await codes.issueFor(personId)).person?.name).toBe('bob');
  });
});

describe('a session', () => {
  it('ends after its time, at sign-out, and everywhere at once', async () => {
    const world = new StudioAccounts();
    const { session } = await world.found();
    const another = async () => {
      const { code } = (await world.accounts.codes.issueFor('Ada')).issued;
      return (await world.accounts.codes.use({ code }, undefined, ''))?.secret ?? '';
    };
    const [second, third] = [await another(), await another()];
    await world.accounts.signIns.end(await world.mustBe(second), false);
    expect(await world.who({ session: second })).toBeUndefined();
    expect(await world.who({ session })).toBeDefined();
    await world.accounts.signIns.end(await world.mustBe(session), true);
    expect(await world.who({ session })).toBeUndefined();
    expect(await world.who({ session: third })).toBeUndefined();
    const last = await another();
    world.wallClockMs += SIGN_IN_LIFETIME_MS;
    expect(await world.who({ session: last })).toBeUndefined();
  });
});

describe('members', () => {
  it('come by invitation, as what they were invited', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found();
    const bob = await world.invite(session, 'Bob', 'developer');
    const report = await world.accounts.studios.report(await world.mustBe(bob), studio);
    expect(report).toMatchObject({
      role: 'developer',
      members: [
        { name: 'Ada', role: 'owner' },
        { name: 'Bob', role: 'developer' },
      ],
      invitations: [],
    });
  });

  it('who are signed in already take an invitation as themselves, and none twice', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found();
    const bob = await world.mustBe(await world.invite(session, 'Bob', 'developer'));
    const owner = await world.mustBe(session);
    const again = await world.accounts.studios.invite(owner, studio, 'owner');
    await expect(world.accounts.codes.use({ code: again.code }, bob, '')).rejects.toMatchObject({
      code: 'conflict',
      message: /as developer/,
    });
    // It was not used up.
    expect(await world.accounts.codes.look(again.code)).toMatchObject({ role: 'owner' });
    const other = await world.accounts.studios.create(owner, 'Other');
    const elsewhere = await world.accounts.studios.invite(
      await world.mustBe(session),
      other,
      'viewer',
    );
    expect(await world.accounts.codes.use({ code: elsewhere.code }, bob, '')).toBeUndefined();
    const { studios } = await world.mustBe(await world.invite(session, 'Carol', 'viewer'));
    expect(studios).toHaveLength(1);
    expect(await world.store.studio.studiosOf(bob.personId)).toHaveLength(2);
  });

  it('do not come by an invitation that was withdrawn or has expired', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found();
    const owner = await world.mustBe(session);
    const { code } = await world.accounts.studios.invite(owner, studio, 'viewer');
    const late = await world.accounts.studios.invite(owner, studio, 'viewer');
    const { invitations } = await world.accounts.studios.report(owner, studio);
    expect(invitations).toHaveLength(2);
    for (const { invitationId } of invitations) {
      await world.accounts.studios.withdraw(owner, studio, invitationId);
    }
    for (const one of [code, late.code]) {
      await expect(
        world.accounts.codes.use({ code: one, name: 'Eve' }, undefined, ''),
      ).rejects.toMatchObject({ code: 'unauthorised' });
    }
    const third = await world.accounts.studios.invite(owner, studio, 'viewer');
    world.wallClockMs += INVITATION_LIFETIME_MS;
    await expect(world.accounts.codes.look(third.code)).rejects.toMatchObject({
      message: /expired/,
    });
    expect(await world.store.studio.peopleNamed('Eve')).toEqual([]);
  });

  it('change their role and go, but the last owner does neither', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found();
    const ada = await world.mustBe(session);
    const bobs = await world.invite(session, 'Bob', 'developer');
    const { personId: bob } = await world.mustBe(bobs);
    const { studios } = world.accounts;
    for (const refused of [
      studios.changeRole(ada, studio, ada.personId, 'viewer'),
      studios.remove(ada, studio, ada.personId),
    ]) {
      await expect(refused).rejects.toMatchObject({
        code: 'conflict',
        message: /at least one owner/,
      });
    }
    await studios.changeRole(ada, studio, bob, 'owner');
    await studios.remove(await world.mustBe(bobs), studio, ada.personId);
    expect(await world.logOf(studio)).toEqual([
      'Ada studio.created Tidal Games',
      'Ada invitation.created developer',
      'Bob member.joined Bob developer',
      'Ada member.role-changed Bob developer → owner',
      'Bob member.removed Ada owner',
    ]);
    expect((await world.mustBe(session)).studios).toEqual([]);
    await expect(studios.remove(await world.mustBe(bobs), studio, bob)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('are put back within ten minutes, as what they were', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found();
    const ada = await world.mustBe(session);
    const bobs = await world.invite(session, 'Bob', 'developer');
    const { personId: bob } = await world.mustBe(bobs);
    const { studios } = world.accounts;
    await studios.remove(ada, studio, bob);
    await studios.restore(ada, studio, bob);
    expect((await world.mustBe(bobs)).studios).toMatchObject([{ role: 'developer' }]);
    await expect(studios.restore(ada, studio, bob)).rejects.toMatchObject({ code: 'not-found' });
    await studios.remove(ada, studio, bob);
    world.wallClockMs += RESTORE_MS + 1;
    await expect(studios.restore(ada, studio, bob)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('who only look change nothing, but may leave', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found();
    const ada = await world.mustBe(session);
    const vera = await world.mustBe(await world.invite(session, 'Vera', 'viewer'));
    const { studios, tokens, log } = world.accounts;
    const before = await world.logOf(studio);
    const wish = { name: 'CI', scopes: ['builds:read' as const], lifetimeDays: null };
    for (const attempt of [
      () => studios.rename(vera, studio, 'Mine'),
      () => studios.invite(vera, studio, 'owner'),
      () => studios.withdraw(vera, studio, vera.personId),
      () => studios.changeRole(vera, studio, vera.personId, 'owner'),
      () => studios.remove(vera, studio, ada.personId),
      () => studios.restore(vera, studio, ada.personId),
      () => studios.create(vera, 'Mine'),
      () => tokens.create(vera, studio, wish),
      () => log.ofStudio(vera, studio, {}),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
    }
    expect(await world.logOf(studio)).toEqual(before);
    await studios.remove(vera, studio, vera.personId);
    expect(await world.logOf(studio)).toEqual([...before, 'Vera member.left Vera viewer']);
  });
});

describe('an access token', () => {
  it('acts for its person in one studio until it is revoked, and tells when it was used', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found();
    const ada = await world.mustBe(session);
    const { tokens } = world.accounts;
    const wish = { name: 'CI', scopes: ['builds:write' as const], lifetimeDays: 7 as const };
    const { token, tokenId } = await tokens.create(ada, studio, wish);
    expect(token).toMatch(/^rp_[\w-]{43}$/);
    expect(JSON.stringify(await world.store.studio.accessTokens(studio.studioId))).not.toContain(
      token.slice(3),
    );
    expect((await tokens.list(ada, studio))[0]).toMatchObject({ name: 'CI', lastUsedAtMs: null });
    world.wallClockMs += 5;
    expect(await world.who({ bearer: token })).toMatchObject({
      name: 'Ada',
      proof: { kind: 'token', scopes: ['builds:write'] },
    });
    expect((await tokens.list(ada, studio))[0]?.lastUsedAtMs).toBe(world.wallClockMs);
    await tokens.revoke(ada, studio, tokenId);
    expect(await world.who({ bearer: token })).toBeUndefined();
    await expect(tokens.revoke(ada, studio, tokenId)).rejects.toMatchObject({ code: 'not-found' });
    expect(await tokens.list(ada, studio)).toEqual([]);
    expect((await world.logOf(studio)).slice(1)).toEqual([
      'Ada token.created CI builds:write',
      'Ada token.revoked CI',
    ]);
  });

  it('ends with its time, with the membership of its person, and is worth no session', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found();
    const ada = await world.mustBe(session);
    const bob = await world.mustBe(await world.invite(session, 'Bob', 'developer'));
    const wish = { name: 'CI', scopes: ['builds:read' as const], lifetimeDays: 7 as const };
    const { token } = await world.accounts.tokens.create(bob, studio, wish);
    const principal = await world.who({ bearer: token });
    // Of the other studios of its person it tells nothing.
    const other = await world.accounts.studios.create(ada, 'Other');
    const { code } = await world.accounts.studios.invite(
      await world.mustBe(session),
      other,
      'owner',
    );
    await world.accounts.codes.use({ code }, bob, '');
    expect(await world.store.studio.studiosOf(bob.personId)).toHaveLength(2);
    expect((await world.who({ bearer: token }))?.studios).toMatchObject([{ studio }]);
    if (!principal) throw new Error('the token is not known');
    for (const attempt of [
      () => world.accounts.tokens.create(principal, studio, wish),
      () => world.accounts.studios.create(principal, 'Mine'),
      () => world.accounts.studios.remove(principal, studio, bob.personId),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
    }
    await expect(world.accounts.passkeys.list(principal)).rejects.toMatchObject({
      code: 'unauthorised',
    });
    await world.accounts.studios.remove(ada, studio, bob.personId);
    expect((await world.who({ bearer: token }))?.studios).toEqual([]);
    world.wallClockMs += 7 * DAY_MS;
    expect(await world.who({ bearer: token })).toBeUndefined();
  });

  it('of others is seen and revoked by owners alone', async () => {
    const world = new StudioAccounts();
    const { session, studio } = await world.found();
    const bob = await world.mustBe(await world.invite(session, 'Bob', 'developer'));
    const eve = await world.mustBe(await world.invite(session, 'Eve', 'developer'));
    const { tokens } = world.accounts;
    const wish = { name: 'CI', scopes: ['builds:read' as const], lifetimeDays: null };
    const { tokenId } = await tokens.create(bob, studio, wish);
    expect(await tokens.list(eve, studio)).toEqual([]);
    await expect(tokens.revoke(eve, studio, tokenId)).rejects.toMatchObject({ code: 'not-found' });
    const ada = await world.mustBe(session);
    expect(await tokens.list(ada, studio)).toMatchObject([{ person: 'Bob', mine: false }]);
    await tokens.revoke(ada, studio, tokenId);
    expect(await tokens.list(bob, studio)).toEqual([]);
  });
});

describe('the slug of a studio', () => {
  const first = (name: string, count: number) => {
    const slugs = slugsFor(name);
    return Array.from({ length: count }, () => slugs.next().value);
  };
  it.each([
    ['Tidal Games', 'tidal-games'],
    ['  Ünïcödé -- & Söhne ', 'unicode-sohne'],
    ['日本', 'studio'],
    ['x'.repeat(60), 'x'.repeat(40)],
  ])('of %s is %s', (name, slug) => {
    expect(first(name, 1)).toEqual([slug]);
  });

  it('has a number where it is taken', async () => {
    expect(first('x'.repeat(60), 3)).toEqual([
      'x'.repeat(40),
      `${'x'.repeat(38)}-2`,
      `${'x'.repeat(38)}-3`,
    ]);
    const world = new StudioAccounts();
    const { session } = await world.found();
    const again = await world.accounts.studios.create(await world.mustBe(session), 'Tidal Games');
    expect(again.slug).toBe('tidal-games-2');
  });
});

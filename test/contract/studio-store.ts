import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type {
  PersonRecord,
  StudioRecord,
  StudioStore,
} from '../../signaling/store/studio-store.ts';
import { digestOf, newSecret } from '../../signaling/studio/accounts/one-way-secret.ts';
import {
  accessTokenRecord,
  auditEntry,
  codeRecord,
  membershipRecord,
  passkeyRecord,
  personRecord,
  STUDIO_START_MS,
  studioRecord,
} from '../support/studio-records.ts';

const BEFORE_MS = STUDIO_START_MS + 1;
const AFTER_MS = STUDIO_START_MS + 1000;

/** A studio with its owner. */
async function studioWithOwner(
  store: StudioStore,
): Promise<{ readonly studio: StudioRecord; readonly owner: PersonRecord }> {
  const [studio, owner] = [studioRecord(), personRecord()];
  await store.transact(async (records) => {
    await records.addPerson(owner);
    await records.addStudio(studio);
    await records.putMembership(membershipRecord(studio.studioId, owner.personId));
  });
  return { studio, owner };
}

/** What every {@link StudioStore} promises; run on each implementation. One may serve all tests. */
export function describeStudioStoreContract(open: () => StudioStore): void {
  describe('as a store of studios, of transactions', () => {
    it('keeps nothing of one that rejects, and passes on why', async () => {
      const store = open();
      const [studio, person] = [studioRecord(), personRecord()];
      const why = new Error('not today');
      const failing = store.transact(async (records) => {
        await records.addPerson(person);
        await records.addStudio(studio);
        await records.appendAudit(auditEntry({ studioId: studio.studioId }));
        expect(await records.person(person.personId)).toStrictEqual(person);
        throw why;
      });
      await expect(failing).rejects.toMatchObject({
        message: expect.stringContaining(why.message),
      });
      expect(await store.person(person.personId)).toBeUndefined();
      expect(await store.studioBySlug(studio.slug)).toBeUndefined();
      expect(await store.audit({ studioId: studio.studioId }, { limit: 9 })).toEqual([]);
      await store.transact((records) => records.addPerson(person));
      expect(await store.person(person.personId)).toStrictEqual(person);
    });

    it('lets one alone of many change who is in a studio at a time', async () => {
      const store = open();
      const { studio, owner } = await studioWithOwner(store);
      const { studioId } = studio;
      const second = personRecord();
      await store.transact(async (records) => {
        await records.addPerson(second);
        await records.putMembership(membershipRecord(studioId, second.personId));
      });
      // Both owners step down at once; each does so only where another is left.
      const stepDown = ({ personId }: PersonRecord) =>
        store.transact(async (records) => {
          await records.lockStudio(studioId);
          const owners = (await records.members(studioId)).filter(({ role }) => role === 'owner');
          if (owners.length < 2) return false;
          await records.putMembership(membershipRecord(studioId, personId, { role: 'viewer' }));
          return true;
        });
      const done = await Promise.all([stepDown(owner), stepDown(second)]);
      expect(done.filter((one) => one)).toHaveLength(1);
      const roles = (await store.members(studioId)).map(({ role }) => role);
      expect(roles.sort()).toEqual(['owner', 'viewer']);
    });
  });

  describe('as a store of studios, of one person’s changes', () => {
    it('lets one alone of many change how a person comes in at a time', async () => {
      const store = open();
      const { owner } = await studioWithOwner(store);
      const { personId } = owner;
      const passkeys = [passkeyRecord(personId), passkeyRecord(personId)];
      await store.transact(async (records) => {
        for (const passkey of passkeys) await records.addPasskey(passkey);
      });
      // Both are removed at once; each only where it is not the last.
      const removed = await Promise.all(
        passkeys.map(({ credentialId }) =>
          store.transact(async (records) => {
            await records.lockPerson(personId);
            if ((await records.passkeysOf(personId)).length < 2) return false;
            await records.removePasskey(credentialId);
            return true;
          }),
        ),
      );
      expect(removed.filter((one) => one)).toHaveLength(1);
      expect(await store.passkeysOf(personId)).toHaveLength(1);
    });
  });

  describe('as a store of studios, of people and studios', () => {
    it('gives back what it was told, and knows nobody else', async () => {
      const store = open();
      const { studio, owner } = await studioWithOwner(store);
      expect(await store.person(owner.personId)).toStrictEqual(owner);
      expect(await store.studio(studio.studioId)).toStrictEqual(studio);
      expect(await store.studioBySlug(studio.slug)).toStrictEqual(studio);
      expect(await store.person(personRecord().personId)).toBeUndefined();
      expect(await store.studio(studioRecord().studioId)).toBeUndefined();
      expect(await store.studioBySlug('nowhere')).toBeUndefined();
    });

    it('gives a slug once', async () => {
      const store = open();
      const { studio } = await studioWithOwner(store);
      const other = studioRecord({ slug: studio.slug });
      expect(await store.transact((records) => records.addStudio(other))).toBe(false);
      expect(await store.studio(other.studioId)).toBeUndefined();
    });

    it('renames a studio, with any characters but those that no database takes', async () => {
      const store = open();
      const { studio } = await studioWithOwner(store);
      const name = "'; drop table studios; -- 日本 😀 \0";
      await store.transact((records) => records.renameStudio(studio.studioId, name));
      expect((await store.studio(studio.studioId))?.name).toBe(name.replace('\0', '\ufffd'));
    });

    it('finds people by name, whatever the case, in the order they came', async () => {
      const store = open();
      const name = `Ada ${randomUUID()}`;
      const late = personRecord({ name: name.toUpperCase(), createdAtMs: STUDIO_START_MS + 5 });
      const early = personRecord({ name });
      await store.transact(async (records) => {
        for (const one of [late, early, personRecord()]) await records.addPerson(one);
      });
      expect(await store.peopleNamed(name.toLowerCase())).toStrictEqual([early, late]);
    });

    it('tells a person their studios by name, and a studio its members by when they came', async () => {
      const store = open();
      const { studio, owner } = await studioWithOwner(store);
      const [other, second] = [studioRecord({ name: 'a cellar' }), personRecord()];
      const viewer = membershipRecord(studio.studioId, second.personId, {
        role: 'viewer',
        sinceMs: STUDIO_START_MS + 9,
      });
      await store.transact(async (records) => {
        await records.addPerson(second);
        await records.addStudio(other);
        await records.putMembership(membershipRecord(other.studioId, second.personId));
        await records.putMembership(viewer);
      });
      expect(await store.studiosOf(second.personId)).toStrictEqual([
        { studio: other, role: 'owner' },
        { studio, role: 'viewer' },
      ]);
      expect(await store.members(studio.studioId)).toStrictEqual([
        { person: owner, role: 'owner', sinceMs: STUDIO_START_MS },
        { person: second, role: 'viewer', sinceMs: STUDIO_START_MS + 9 },
      ]);
      await store.transact((records) =>
        records.putMembership({ ...viewer, removedAtMs: AFTER_MS }),
      );
      expect(await store.members(studio.studioId)).toHaveLength(1);
      expect(await store.studiosOf(second.personId)).toHaveLength(1);
      expect(await store.membership(studio.studioId, second.personId)).toStrictEqual({
        ...viewer,
        removedAtMs: AFTER_MS,
      });
      await store.transact((records) => records.putMembership(viewer));
      expect(await store.membership(studio.studioId, second.personId)).toStrictEqual(viewer);
      expect(await store.membership(other.studioId, owner.personId)).toBeUndefined();
    });

    it('knows who keeps studios, and which of them can come in again', async () => {
      const store = open();
      const { studio, owner } = await studioWithOwner(store);
      const [founder, viewer] = [personRecord({ founder: true }), personRecord()];
      await store.transact(async (records) => {
        await records.addPerson(founder);
        await records.addPerson(viewer);
        const role = { role: 'viewer' } as const;
        await records.putMembership(membershipRecord(studio.studioId, viewer.personId, role));
        // Of somebody else: it is nobody else's way in.
        await records.addPasskey(passkeyRecord(viewer.personId));
      });
      const wayIn = async (person: PersonRecord, nowMs = BEFORE_MS) =>
        (await store.keepers(nowMs)).find((one) => one.person.personId === person.personId)
          ?.hasWayIn;
      expect(await wayIn(viewer)).toBeUndefined();
      expect(await wayIn(owner)).toBe(false);
      expect(await wayIn(founder)).toBe(false);
      await store.transact(async (records) => {
        await records.addPasskey(passkeyRecord(founder.personId));
        await records.addSignIn({
          secretHash: digestOf(newSecret()),
          personId: owner.personId,
          createdAtMs: STUDIO_START_MS,
          expiresAtMs: AFTER_MS,
        });
      });
      expect(await wayIn(founder, AFTER_MS)).toBe(true);
      expect(await wayIn(owner)).toBe(true);
      expect(await wayIn(owner, AFTER_MS)).toBe(false);
    });
  });

  describe('as a store of studios, of what is used once', () => {
    it('gives a code to one alone of many', async () => {
      const store = open();
      const code = codeRecord();
      await store.transact((records) => records.addCode(code));
      expect(await store.code(code.codeHash)).toStrictEqual(code);
      const uses = await Promise.all(
        Array.from({ length: 6 }, () =>
          store.transact((records) => records.useCode(code.codeHash, BEFORE_MS)),
        ),
      );
      expect(uses.filter((one) => one !== undefined)).toStrictEqual([code]);
      expect(await store.code(code.codeHash)).toStrictEqual({ ...code, usedAtMs: BEFORE_MS });
    });

    it('gives no code that has expired, and forgets those that did long ago', async () => {
      const store = open();
      const code = codeRecord();
      await store.transact((records) => records.addCode(code));
      const use = (records: { useCode(hash: string, nowMs: number): Promise<unknown> }) =>
        records.useCode(code.codeHash, AFTER_MS);
      expect(await store.transact(use)).toBeUndefined();
      await store.transact((records) => records.forgetExpired(AFTER_MS, AFTER_MS));
      expect(await store.code(code.codeHash)).toStrictEqual(code);
      await store.transact((records) => records.forgetExpired(AFTER_MS, AFTER_MS + 1));
      expect(await store.code(code.codeHash)).toBeUndefined();
    });

    it('lists open invitations of one studio, the newest first, and withdraws them', async () => {
      const store = open();
      const { studio } = await studioWithOwner(store);
      const { studio: other } = await studioWithOwner(store);
      const invitation = (studioId: StudioRecord['studioId'], createdAtMs: number) =>
        codeRecord({ purpose: 'invitation', studioId, role: 'viewer', createdAtMs });
      const [first, second, used] = [1, 2, 3].map((ms) =>
        invitation(studio.studioId, STUDIO_START_MS + ms),
      ) as [
        ReturnType<typeof invitation>,
        ReturnType<typeof invitation>,
        ReturnType<typeof invitation>,
      ];
      await store.transact(async (records) => {
        for (const one of [first, second, used, invitation(other.studioId, 0)]) {
          await records.addCode(one);
        }
        await records.useCode(used.codeHash, BEFORE_MS);
      });
      const { studioId } = studio;
      expect(await store.openInvitations(studioId, BEFORE_MS)).toStrictEqual([second, first]);
      expect(await store.openInvitations(studioId, AFTER_MS)).toEqual([]);
      const drop = (from: StudioRecord, codeId: string) =>
        store.transact((records) => records.dropInvitation(from.studioId, codeId));
      expect(await drop(other, first.codeId)).toBe(false);
      expect(await drop(studio, used.codeId)).toBe(false);
      expect(await drop(studio, first.codeId)).toBe(true);
      expect(await drop(studio, first.codeId)).toBe(false);
      expect(await store.openInvitations(studioId, BEFORE_MS)).toStrictEqual([second]);
    });

    it('drops unused codes of one purpose, and keeps those used', async () => {
      const store = open();
      const { owner } = await studioWithOwner(store);
      const [used, unused] = [codeRecord(), codeRecord()];
      const other = codeRecord({ purpose: 'sign-in', personId: owner.personId });
      await store.transact(async (records) => {
        for (const one of [used, unused, other]) await records.addCode(one);
        await records.useCode(used.codeHash, BEFORE_MS);
        await records.dropCodes('found');
      });
      expect(await store.code(unused.codeHash)).toBeUndefined();
      expect(await store.code(used.codeHash)).toMatchObject({ usedAtMs: BEFORE_MS });
      expect(await store.code(other.codeHash)).toStrictEqual(other);
    });

    it('gives a challenge once, and none that has expired', async () => {
      const store = open();
      const { owner } = await studioWithOwner(store);
      const challenge = {
        challenge: newSecret(),
        purpose: 'register',
        personId: owner.personId,
        expiresAtMs: AFTER_MS,
      } as const;
      const expired = { ...challenge, challenge: newSecret(), expiresAtMs: BEFORE_MS };
      await store.transact(async (records) => {
        await records.addChallenge(challenge);
        await records.addChallenge(expired);
      });
      const take = (one: { readonly challenge: string }) =>
        store.transact((records) => records.takeChallenge(one.challenge, BEFORE_MS));
      expect(await take(challenge)).toStrictEqual(challenge);
      expect(await take(challenge)).toBeUndefined();
      expect(await take(expired)).toBeUndefined();
    });
  });

  describe('as a store of studios, of ways in', () => {
    it('knows a passkey once, counts its use, and lets no count be used twice', async () => {
      const store = open();
      const { owner } = await studioWithOwner(store);
      const passkey = passkeyRecord(owner.personId);
      const late = passkeyRecord(owner.personId, { createdAtMs: STUDIO_START_MS + 1, counter: 7 });
      const added = await store.transact(async (records) => [
        await records.addPasskey(late),
        await records.addPasskey(passkey),
        await records.addPasskey({ ...passkey, name: 'Again' }),
      ]);
      expect(added).toEqual([true, true, false]);
      expect(await store.passkeysOf(owner.personId)).toStrictEqual([passkey, late]);
      const use = () => store.transact((records) => records.usePasskey(late, 8, AFTER_MS));
      expect(await use()).toBe(true);
      expect(await use()).toBe(false);
      const used = { ...late, counter: 8, lastUsedAtMs: AFTER_MS };
      expect(await store.passkey(late.credentialId)).toStrictEqual(used);
      await store.transact(async (records) => {
        await records.renamePasskey(late.credentialId, 'Phone');
        await records.removePasskey(passkey.credentialId);
      });
      expect(await store.passkeysOf(owner.personId)).toStrictEqual([{ ...used, name: 'Phone' }]);
      expect(await store.passkey(passkey.credentialId)).toBeUndefined();
    });

    it('ends one sign-in, or all of a person, and forgets those that expired', async () => {
      const store = open();
      const [{ owner }, { owner: other }] = [
        await studioWithOwner(store),
        await studioWithOwner(store),
      ];
      const signIn = (personId: PersonRecord['personId'], expiresAtMs = AFTER_MS) => ({
        secretHash: digestOf(newSecret()),
        personId,
        createdAtMs: STUDIO_START_MS,
        expiresAtMs,
      });
      const [one, two, old] = [
        signIn(owner.personId),
        signIn(owner.personId),
        signIn(owner.personId, BEFORE_MS),
      ];
      const theirs = signIn(other.personId);
      await store.transact(async (records) => {
        for (const each of [one, two, old, theirs]) await records.addSignIn(each);
      });
      expect(await store.signIn(one.secretHash)).toStrictEqual(one);
      await store.transact((records) => records.forgetExpired(BEFORE_MS, 0));
      expect(await store.signIn(old.secretHash)).toBeUndefined();
      await store.transact((records) => records.removeSignIn(one.secretHash));
      expect(await store.signIn(one.secretHash)).toBeUndefined();
      expect(await store.signIn(two.secretHash)).toStrictEqual(two);
      await store.transact((records) => records.removeSignInsOf(owner.personId));
      expect(await store.signIn(two.secretHash)).toBeUndefined();
      expect(await store.signIn(theirs.secretHash)).toStrictEqual(theirs);
    });

    it('keeps tokens, notes their use, and revokes each once', async () => {
      const store = open();
      const { studio, owner } = await studioWithOwner(store);
      const { studioId } = studio;
      const first = accessTokenRecord(studioId, owner.personId);
      const second = accessTokenRecord(studioId, owner.personId, {
        createdAtMs: STUDIO_START_MS + 1,
        expiresAtMs: AFTER_MS,
      });
      await store.transact(async (records) => {
        await records.addAccessToken(first);
        await records.addAccessToken(second);
        await records.touchAccessToken(second.tokenId, BEFORE_MS);
      });
      const used = { ...second, lastUsedAtMs: BEFORE_MS };
      expect(await store.accessTokens(studioId)).toStrictEqual([used, first]);
      expect(await store.accessToken(second.tokenHash)).toStrictEqual(used);
      const revoke = () =>
        store.transact((records) => records.revokeAccessToken(first.tokenId, AFTER_MS));
      expect(await revoke()).toBe(true);
      expect(await revoke()).toBe(false);
      expect(await store.accessTokens(studioId)).toStrictEqual([used]);
      expect(await store.accessToken(first.tokenHash)).toMatchObject({ revokedAtMs: AFTER_MS });
    });
  });

  describe('as a store of studios, of the log', () => {
    it('tells it newest first, a page at a time, by subject and by kind', async () => {
      const store = open();
      const { studio, owner } = await studioWithOwner(store);
      const { studioId } = studio;
      const entry = (action: string, detail = '') =>
        auditEntry({ studioId, actorId: owner.personId, action, detail });
      const own = auditEntry({ actorId: owner.personId, action: 'passkey.added' });
      await store.transact(async (records) => {
        await records.appendAudit(entry('member.joined'));
        await records.appendAudit(entry('token.created', 'NUL \0'));
        await records.appendAudit(own);
        await records.appendAudit(entry('members.else'));
        await records.appendAudit(entry('member.left'));
      });
      const actions = async (page: Parameters<StudioStore['audit']>[1]) =>
        (await store.audit({ studioId }, page)).map(({ action }) => action);
      expect(await actions({ limit: 9 })).toEqual([
        'member.left',
        'members.else',
        'token.created',
        'member.joined',
      ]);
      expect(await actions({ limit: 9, kinds: ['member'] })).toEqual([
        'member.left',
        'member.joined',
      ]);
      const [newest, next, third] = await store.audit({ studioId }, { limit: 3 });
      expect(third).toStrictEqual({
        ...entry('token.created', 'NUL \ufffd'),
        entryId: third?.entryId,
      });
      expect(await actions({ limit: 2, beforeId: newest?.entryId })).toEqual([
        next?.action,
        third?.action,
      ]);
      expect(await store.audit({ accountOf: owner.personId }, { limit: 9 })).toMatchObject([own]);
    });
  });
}

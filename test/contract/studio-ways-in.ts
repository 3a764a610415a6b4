import { describe, expect, it } from 'vitest';
import type {
  PersonRecord,
  StudioRecord,
  StudioStore,
} from '../../signaling/store/studio-store.ts';
import { digestOf, newSecret } from '../../signaling/studio/accounts/one-way-secret.ts';
import {
  accessTokenRecord,
  codeRecord,
  passkeyRecord,
  STUDIO_START_MS,
  studioWithOwner,
} from '../support/studio-records.ts';

const BEFORE_MS = STUDIO_START_MS + 1;
const AFTER_MS = STUDIO_START_MS + 1000;

/** What every {@link StudioStore} promises of what lets people and programs in. */
export function describeWaysIn(open: () => StudioStore): void {
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
}

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PersonRecord, StudioStore } from '../../signaling/store/studio-store.ts';
import { digestOf, newSecret } from '../../signaling/studio/accounts/one-way-secret.ts';
import {
  auditEntry,
  membershipRecord,
  passkeyRecord,
  personRecord,
  STUDIO_START_MS,
  studioRecord,
  studioWithOwner,
} from '../support/studio-records.ts';
import { describeWaysIn } from './studio-ways-in.ts';

const BEFORE_MS = STUDIO_START_MS + 1;
const AFTER_MS = STUDIO_START_MS + 1000;

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

  describeWaysIn(open);

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

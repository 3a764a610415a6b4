import { describe, expect, it } from 'vitest';
import type { JoinTokenId } from '../../protocol/ids.ts';
import { MAX_TOKEN_CONTAINERS, type Store } from '../../signaling/store/store.ts';
import {
  containerRecord,
  joinTokenRecord,
  newContainerId,
  START_MS,
  sessionStart,
} from '../support/store-records.ts';
import { describeSessions } from './session-store.ts';

/** What every {@link Store} promises; run on each implementation. One store may serve all tests. */
export function describeStoreContract(open: () => Store): void {
  describe('as a store, of containers', () => {
    it('gives back what it was told, to the last digit', async () => {
      const store = open();
      const record = containerRecord();
      await store.rememberContainer(record);
      expect(await store.container(record.containerId)).toStrictEqual(record);
    });

    it('knows none that never joined', async () => {
      expect(await open().container(newContainerId())).toBeUndefined();
    });

    it('keeps when one was first seen, and of the rest the newest', async () => {
      const store = open();
      const first = containerRecord();
      await store.rememberContainer(first);
      const second = containerRecord({
        containerId: first.containerId,
        publicKey: 'another',
        name: 'Cellar',
        region: 'eu-north',
        pricePerHour: 0,
        firstSeenAtMs: START_MS + 5000,
        lastSeenAtMs: START_MS + 5000,
        state: 'offline',
        gpu: '',
        cpus: 2,
        memoryBytes: 2 ** 30,
        encoders: [],
      });
      await store.rememberContainer(second);
      expect(await store.container(first.containerId)).toStrictEqual({
        ...second,
        firstSeenAtMs: START_MS,
      });
    });

    it('notes where one is, and that it was seen then', async () => {
      const store = open();
      const record = containerRecord();
      const other = containerRecord();
      await store.rememberContainer(record);
      await store.rememberContainer(other);
      await store.markContainer(record.containerId, 'quarantined', START_MS + 7);
      expect(await store.container(record.containerId)).toStrictEqual({
        ...record,
        state: 'quarantined',
        lastSeenAtMs: START_MS + 7,
      });
      expect(await store.container(other.containerId)).toStrictEqual(other);
    });

    it('leaves one as it is that was seen later than the mark', async () => {
      const store = open();
      const record = containerRecord();
      await store.rememberContainer(record);
      await store.markContainer(record.containerId, 'offline', START_MS - 1);
      expect(await store.container(record.containerId)).toStrictEqual(record);
      await store.markContainer(record.containerId, 'offline', START_MS);
      expect(await store.container(record.containerId)).toMatchObject({ state: 'offline' });
    });

    it('does not invent one that is marked and was never remembered', async () => {
      const store = open();
      const stranger = newContainerId();
      await store.markContainer(stranger, 'offline', START_MS);
      expect(await store.container(stranger)).toBeUndefined();
    });

    it('takes names of any characters, and replaces those that no database takes', async () => {
      const store = open();
      const record = containerRecord({
        name: "'; drop table sessions; -- 日本 😀",
        gpu: 'NUL \0, half a pair \ud83d, the other half \ude00, \\u0000',
        encoders: [{ name: '\0\udfff', codec: 'vp8', hardware: false, pixelsPerSecond: 1 }],
      });
      await store.rememberContainer(record);
      expect(await store.container(record.containerId)).toStrictEqual({
        ...record,
        gpu: 'NUL \ufffd, half a pair \ufffd, the other half \ufffd, \\u0000',
        encoders: [{ name: '\ufffd\ufffd', codec: 'vp8', hardware: false, pixelsPerSecond: 1 }],
      });
    });

    it('is not changed through what it gave or was given', async () => {
      const store = open();
      const encoders = [...containerRecord().encoders];
      const record = containerRecord({ encoders });
      await store.rememberContainer(record);
      encoders.length = 0;
      const given = await store.container(record.containerId);
      (given?.encoders as unknown[]).length = 1;
      expect((await store.container(record.containerId))?.encoders).toHaveLength(2);
    });
  });

  describeSessions(open);
}

/** What every {@link Store} promises of the tokens that machines join with. */
export function describeJoinTokenContract(open: () => Store): void {
  describe('as a store, of join tokens', () => {
    it('gives back what it was told, by its digest and in a list, the newest first', async () => {
      const store = open();
      const old = joinTokenRecord({ createdAtMs: START_MS - 1, once: true });
      const token = joinTokenRecord({ name: "'; drop table 日本", expiresAtMs: START_MS + 5 });
      await store.addJoinToken(old);
      await store.addJoinToken(token);
      expect(await store.joinTokenByHash(token.hash)).toStrictEqual(token);
      expect(await store.joinTokenByHash('another')).toBeUndefined();
      const listed = await store.joinTokens();
      const own = listed.filter(({ hash }) => hash === token.hash || hash === old.hash);
      expect(own).toStrictEqual([token, old]);
    });

    it('notes each container that joins with one, once, and when it was used last', async () => {
      const store = open();
      const token = joinTokenRecord();
      await store.addJoinToken(token);
      const [one, other] = [newContainerId(), newContainerId()];
      expect(await store.useJoinToken(token.tokenId, one, START_MS + 3)).toBe(true);
      expect(await store.useJoinToken(token.tokenId, other, START_MS + 9)).toBe(true);
      expect(await store.useJoinToken(token.tokenId, one, START_MS + 5)).toBe(true);
      expect(await store.joinTokenByHash(token.hash)).toStrictEqual({
        ...token,
        lastUsedAtMs: START_MS + 9,
        containerIds: [one, other],
      });
    });

    it('lets one container alone in with a token for one, of many that come at once', async () => {
      const store = open();
      const token = joinTokenRecord({ once: true });
      await store.addJoinToken(token);
      const containers = Array.from({ length: 8 }, () => newContainerId());
      const uses = await Promise.all(
        containers.map((one) => store.useJoinToken(token.tokenId, one, START_MS)),
      );
      expect(uses.filter((used) => used)).toHaveLength(1);
      const first = containers[uses.indexOf(true)] as (typeof containers)[number];
      expect(await store.useJoinToken(token.tokenId, first, START_MS)).toBe(true);
      expect((await store.joinTokenByHash(token.hash))?.containerIds).toEqual([first]);
    });

    it('lets none in with one that is revoked, expired, used up or not known', async () => {
      const store = open();
      const container = newContainerId();
      const full = Array.from({ length: MAX_TOKEN_CONTAINERS }, () => newContainerId());
      const expired = joinTokenRecord({ expiresAtMs: START_MS });
      const usedUp = joinTokenRecord({ containerIds: full });
      const revoked = joinTokenRecord();
      for (const token of [expired, usedUp, revoked]) await store.addJoinToken(token);
      expect(await store.useJoinToken(expired.tokenId, container, START_MS - 1)).toBe(true);
      expect(await store.revokeJoinToken(revoked.tokenId, START_MS)).toBe(true);
      for (const { tokenId } of [expired, usedUp, revoked, joinTokenRecord()]) {
        expect(await store.useJoinToken(tokenId, container, START_MS)).toBe(false);
      }
      expect(await store.useJoinToken(usedUp.tokenId, full[7] ?? container, START_MS)).toBe(true);
    });

    it('keeps when one was revoked first', async () => {
      const store = open();
      const token = joinTokenRecord();
      await store.addJoinToken(token);
      expect(await store.revokeJoinToken(token.tokenId, START_MS + 1)).toBe(true);
      expect(await store.revokeJoinToken(token.tokenId, START_MS + 2)).toBe(true);
      expect((await store.joinTokenByHash(token.hash))?.revokedAtMs).toBe(START_MS + 1);
      const unknown = newContainerId() as string as JoinTokenId;
      expect(await store.revokeJoinToken(unknown, START_MS)).toBe(false);
    });
  });
}

/** The end of a {@link Store}; `open` gives one that may be closed. */
export function describeStoreClosing(open: () => Store): void {
  describe('as a store that is closed', () => {
    it('finishes what it was asked before, and takes nothing more', async () => {
      const store = open();
      const starts = Array.from({ length: 30 }, () => sessionStart());
      const begun = Promise.allSettled(starts.map((start) => store.beginSession(start)));
      await Promise.all([store.close(), store.close()]);
      expect((await begun).map(({ status }) => status)).toEqual(starts.map(() => 'fulfilled'));
      for (const call of [store.container(newContainerId()), store.beginSession(sessionStart())]) {
        await expect(call).rejects.toMatchObject({ code: 'internal', message: /closed/ });
      }
      await store.close();
    });
  });
}

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JoinTokenId } from '../../protocol/ids.ts';
import {
  MAX_TOKEN_CONTAINERS,
  type PlayRecord,
  type SessionRecord,
  type SessionStart,
  type Store,
} from '../../signaling/store/store.ts';
import { newBuildId } from '../support/game-records.ts';
import {
  containerRecord,
  joinTokenRecord,
  newContainerId,
  newPlayerId,
  newSessionId,
  QUALITY,
  START_MS,
  sessionStart,
} from '../support/store-records.ts';

/** A game that no other test knows: one store serves them all. */
function newGameId(): string {
  return `game-${randomUUID()}`;
}

const idsOf = (sessions: readonly SessionRecord[]) => sessions.map(({ sessionId }) => sessionId);

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

  describe('as a store, of sessions', () => {
    it('gives back a session that runs, with its decision', async () => {
      const store = open();
      const start = sessionStart();
      await store.beginSession(start);
      const running = {
        ...start,
        endedAtMs: undefined,
        reason: undefined,
        detail: undefined,
        quality: undefined,
        buildId: undefined,
        browser: undefined,
        reportedFrom: 'eu-west',
      };
      expect(await store.session(start.sessionId)).toStrictEqual(running);
    });

    it('knows none that never began', async () => {
      expect(await open().session(newSessionId())).toBeUndefined();
    });

    it('begins a session once, however often it is told', async () => {
      const store = open();
      const start = sessionStart();
      await store.beginSession(start);
      await store.beginSession({ ...start, gameId: 'other', startedAtMs: START_MS + 1 });
      expect(await store.session(start.sessionId)).toMatchObject(start);
    });

    it('ends a session with its reason, and only once', async () => {
      const store = open();
      const { sessionId, ...start } = sessionStart();
      await store.beginSession({ sessionId, ...start });
      const detail = 'The game ended.\nits last words \0';
      expect(
        await store.endSession(sessionId, { atMs: START_MS + 90, reason: 'game-failed', detail }),
      ).toBe(true);
      expect(
        await store.endSession(sessionId, { atMs: START_MS + 99, reason: 'player-left' }),
      ).toBe(false);
      expect(await store.session(sessionId)).toStrictEqual({
        sessionId,
        ...start,
        endedAtMs: START_MS + 90,
        reason: 'game-failed',
        detail: 'The game ended.\nits last words \ufffd',
        quality: undefined,
        buildId: undefined,
        browser: undefined,
        reportedFrom: 'eu-west',
      });
    });

    it('tells one alone of many who end a session that they did', async () => {
      const store = open();
      const start = sessionStart();
      await store.beginSession(start);
      const ends = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          store.endSession(start.sessionId, { atMs: START_MS + index, reason: 'player-left' }),
        ),
      );
      expect(ends.filter((ended) => ended)).toHaveLength(1);
    });

    it('does not end a session that is not known', async () => {
      const store = open();
      const sessionId = newSessionId();
      expect(await store.endSession(sessionId, { atMs: START_MS, reason: 'abandoned' })).toBe(
        false,
      );
      expect(await store.session(sessionId)).toBeUndefined();
    });

    it('does not begin again what has ended', async () => {
      const store = open();
      const start = sessionStart();
      await store.beginSession(start);
      await store.endSession(start.sessionId, { atMs: START_MS + 1, reason: 'player-left' });
      await store.beginSession(start);
      expect(await store.session(start.sessionId)).toMatchObject({ reason: 'player-left' });
    });

    it('has no session end before it began, where two clocks differ', async () => {
      const store = open();
      const start = sessionStart({ gameId: newGameId() });
      await store.beginSession(start);
      await store.endSession(start.sessionId, { atMs: START_MS - 500, reason: 'player-left' });
      expect((await store.session(start.sessionId))?.endedAtMs).toBe(START_MS);
      expect(await store.sessionLengthsMs(start.gameId, { sinceMs: 0, limit: 9 })).toEqual([0]);
    });

    it('keeps the last report of its player, while it runs and afterwards', async () => {
      const store = open();
      const { sessionId, playerId, ...rest } = sessionStart();
      await store.beginSession({ sessionId, playerId, ...rest });
      const { clickToPhotonP50Ms, clickToPhotonP95Ms, ...untouched } = QUALITY;
      expect(await store.reportQuality(sessionId, playerId, untouched)).toBe(true);
      expect((await store.session(sessionId))?.quality).toStrictEqual(untouched);
      await store.endSession(sessionId, { atMs: START_MS + 1, reason: 'player-left' });
      expect(await store.reportQuality(sessionId, playerId, QUALITY)).toBe(true);
      expect(await store.session(sessionId)).toMatchObject({
        quality: QUALITY,
        reason: 'player-left',
      });
    });

    it('takes no report of another player, and none of a session that is not known', async () => {
      const store = open();
      const start = sessionStart();
      await store.beginSession(start);
      expect(await store.reportQuality(start.sessionId, newPlayerId(), QUALITY)).toBe(false);
      expect(await store.reportQuality(newSessionId(), start.playerId, QUALITY)).toBe(false);
      expect((await store.session(start.sessionId))?.quality).toBeUndefined();
    });

    it('lists the sessions of a player, newest first, a page at a time', async () => {
      const store = open();
      const playerId = newPlayerId();
      const starts = [3, 1, 4, 2].map((ms) =>
        sessionStart({ playerId, startedAtMs: START_MS + ms }),
      );
      for (const start of [...starts, sessionStart()]) await store.beginSession(start);
      const [third, first, fourth, second] = idsOf(starts as SessionRecord[]);
      expect(idsOf(await store.sessionsOfPlayer(playerId, { limit: 3 }))).toEqual([
        fourth,
        third,
        second,
      ]);
      const rest = { limit: 3, beforeMs: START_MS + 2 };
      expect(idsOf(await store.sessionsOfPlayer(playerId, rest))).toEqual([first]);
    });

    it('lists the sessions of a container since a moment, newest first', async () => {
      const store = open();
      const containerId = newContainerId();
      const starts = [3, 1, 4, 2].map((ms) =>
        sessionStart({ containerId, startedAtMs: START_MS + ms }),
      );
      for (const start of [...starts, sessionStart()]) await store.beginSession(start);
      const [third, , fourth, second] = idsOf(starts as SessionRecord[]);
      const since = { sinceMs: START_MS + 2, limit: 9 };
      expect(idsOf(await store.sessionsOfContainer(containerId, since))).toEqual([
        fourth,
        third,
        second,
      ]);
      expect(idsOf(await store.sessionsOfContainer(containerId, { ...since, limit: 1 }))).toEqual([
        fourth,
      ]);
    });

    it('reads the sessions of a game piece by piece, newest first, without what chose their machine', async () => {
      const store = open();
      const gameId = newGameId();
      const buildId = newBuildId();
      const starts = [3, 1, 3, 2].map((ms) =>
        sessionStart({ gameId, buildId, startedAtMs: START_MS + ms }),
      );
      for (const start of [...starts, sessionStart()]) await store.beginSession(start);
      const [, , third] = starts;
      if (!third) throw new Error('there are four');
      const browser = { family: 'firefox', major: 153 } as const;
      const quality = { ...QUALITY, browser, clickToPhoton: { first: 70, counts: [2, 0, 1] } };
      await store.reportQuality(third.sessionId, third.playerId, quality);
      const read: PlayRecord[] = [];
      for (;;) {
        const page = { sinceMs: START_MS + 2, limit: 2, after: read.at(-1) };
        const piece = await store.playsOfGame(gameId, page);
        read.push(...piece);
        if (piece.length < 2) break;
      }
      expect(read.map(({ startedAtMs }) => startedAtMs - START_MS)).toEqual([3, 3, 2]);
      expect(new Set(read.map(({ sessionId }) => sessionId)).size).toBe(3);
      expect(read.find(({ sessionId }) => sessionId === third.sessionId)).toStrictEqual({
        sessionId: third.sessionId,
        playerId: third.playerId,
        startedAtMs: START_MS + 3,
        endedAtMs: undefined,
        quality,
        buildId,
        browser: 'firefox 153',
        reportedFrom: 'eu-west',
      });
    });

    it('forgets sessions by their age, the oldest first and no more at once than asked', async () => {
      const store = open();
      const longAgoMs = START_MS - 1_000_000_000;
      const playerId = newPlayerId();
      const starts = [2, 0, 3, 1].map((ms) =>
        sessionStart({ playerId, startedAtMs: longAgoMs + ms }),
      );
      for (const start of starts) await store.beginSession(start);
      const [third, , fourth] = idsOf(starts as SessionRecord[]);
      const left = async () => idsOf(await store.sessionsOfPlayer(playerId, { limit: 9 }));
      expect(await store.forgetSessions(longAgoMs + 3, 2)).toBe(2);
      expect(await left()).toEqual([fourth, third]);
      expect(await store.forgetSessions(longAgoMs + 3, 2)).toBe(1);
      expect(await left()).toEqual([fourth]);
      expect(await store.forgetSessions(longAgoMs + 3, 2)).toBe(0);
      expect(await store.forgetSessions(longAgoMs + 4, 2)).toBe(1);
    });

    it('forgets each session once, however many nodes do so at once', async () => {
      const store = open();
      const longAgoMs = START_MS - 2_000_000_000;
      for (let ms = 0; ms < 30; ms++) {
        await store.beginSession(sessionStart({ startedAtMs: longAgoMs + ms }));
      }
      const forgotten = await Promise.all(
        Array.from({ length: 4 }, () => store.forgetSessions(longAgoMs + 30, 20)),
      );
      const all = forgotten.reduce((sum, count) => sum + count, 0);
      const rest = await store.forgetSessions(longAgoMs + 30, 100);
      expect(all + rest).toBe(30);
      expect(Math.max(...forgotten)).toBeLessThanOrEqual(20);
    });

    it('tells how long the sessions of a game lasted that ended lately', async () => {
      const store = open();
      const gameId = newGameId();
      const play = async (startMs: number, endMs: number | undefined, game = gameId) => {
        const start = sessionStart({ gameId: game, startedAtMs: START_MS + startMs });
        await store.beginSession(start);
        if (endMs === undefined) return;
        await store.endSession(start.sessionId, {
          atMs: START_MS + endMs,
          reason: 'player-left',
        });
      };
      await play(0, 100);
      await play(10, 99);
      await play(50, 300);
      await play(60, 200);
      await play(70, undefined);
      await play(80, 400, newGameId());
      const since = { sinceMs: START_MS + 100, limit: 9 };
      expect(await store.sessionLengthsMs(gameId, since)).toEqual([250, 140, 100]);
      expect(await store.sessionLengthsMs(gameId, { ...since, limit: 2 })).toEqual([250, 140]);
    });

    it('tells how often each build was played on each container, the most played first', async () => {
      const store = open();
      const [one, two] = [newBuildId(), newBuildId()];
      const [here, there] = [newContainerId(), newContainerId()];
      // Later than whatever else this store is asked about.
      const sinceMs = START_MS + 365 * 24 * 60 * 60 * 1000;
      const play = (changes: Partial<SessionStart>) =>
        store.beginSession(sessionStart({ startedAtMs: sinceMs, ...changes }));
      await play({ buildId: one, containerId: here });
      for (let i = 0; i < 3; i++) await play({ buildId: two, containerId: there });
      for (let i = 0; i < 2; i++) await play({ buildId: two, containerId: here });
      await play({ containerId: here });
      await play({ buildId: one, containerId: here, startedAtMs: sinceMs - 1 });
      const expected = [
        { buildId: two, containerId: there, sessions: 3 },
        { buildId: two, containerId: here, sessions: 2 },
        { buildId: one, containerId: here, sessions: 1 },
      ];
      expect(await store.buildsPlayed({ sinceMs, limit: 9 })).toEqual(expected);
      expect(await store.buildsPlayed({ sinceMs, limit: 2 })).toEqual(expected.slice(0, 2));
    });
  });
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

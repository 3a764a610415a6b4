import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type {
  PlayRecord,
  SessionRecord,
  SessionStart,
  Store,
} from '../../signaling/store/store.ts';
import { newBuildId } from '../support/game-records.ts';
import {
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

/** What every {@link Store} promises of sessions. */
export function describeSessions(open: () => Store): void {
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

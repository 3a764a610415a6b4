import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sessionIdSchema } from '../../protocol/ids.ts';
import { OFFER_HOLD_MS } from '../../protocol/player-messages.ts';
import { QUICK_ANSWER_MS } from '../../signaling/place-asks.ts';
import { PATIENCE_MS } from '../../signaling/serving-pass.ts';
import { PLACE_GRACE_MS, REVIEW_INTERVAL_MS } from '../../signaling/waiting-line.ts';
import { MAX_TICKETS_PER_ADDRESS } from '../../signaling/waiting-ticket.ts';
import {
  FAKE_NEEDS,
  type FakeContainer,
  fakeCapacity,
  fakeGame,
  fakeLoad,
} from '../support/fake-container.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

type Full = FakeContainer & { readonly sessionId: string };

/** A container whose only place is taken. */
async function full(): Promise<Full> {
  const container = await fixture.container();
  const { sessionId } = await (await fixture.guest()).mustPlay();
  await container.request('load', fakeLoad(0));
  return Object.assign(container, { sessionId });
}

/** Who plays there leaves. */
async function makeRoom(container: FakeContainer, sessionId: string): Promise<void> {
  await container.request('session-ended', { sessionId, reason: 'player-left' });
  await container.request('load', fakeLoad(1));
}

/** Waits a moment behind everybody who waits already. */
async function waiter(token?: string) {
  fixture.wallClockMs += 10;
  const player = await fixture.guest(token);
  const answer = await player.mustWait();
  return Object.assign(player, answer);
}

describe('the line', () => {
  it('tells each player their place, and how many wait', async () => {
    await full();
    const [first, second] = [await waiter(), await waiter()];
    expect(first.place).toMatchObject({ position: 1, waiting: 1, expectedWaitMs: null });
    expect(second.place).toMatchObject({ position: 2, waiting: 2 });
    expect(await first.places.next()).toMatchObject({ position: 1, waiting: 2 });
    expect(await fixture.metric('rockpool_waiting_players')).toBe(2);
  });

  it('offers a free place to who waits longest, and holds it for them alone', async () => {
    const container = await full();
    const [first, second] = [await waiter(), await waiter()];
    await makeRoom(container, container.sessionId);
    const offer = await first.offers.next();
    expect(offer).toEqual({
      ticketId: first.place.ticketId,
      holdMs: OFFER_HOLD_MS,
      containerName: 'a container',
    });
    const { sessionId } = await container.reserved.next();
    fixture.wallClockMs += 10;
    const third = await fixture.guest();
    await third.mustWait();
    expect(second.offers.unread).toEqual([]);
    const granted = await first.request('accept', { ticketId: offer.ticketId });
    expect(granted).toMatchObject({ ok: true, value: { sessionId, resumed: false } });
    expect(await container.assigned.next()).toBeDefined();
    await expect.poll(() => second.places.unread.at(-1)?.position).toBe(1);
  });

  it('passes an offer that nobody takes on to the next', async () => {
    const container = await full();
    const [first, second] = [await waiter(), await waiter()];
    await makeRoom(container, container.sessionId);
    const { ticketId } = await first.offers.next();
    const { sessionId } = await container.reserved.next();
    fixture.timers.advance(OFFER_HOLD_MS);
    expect(await first.offersOver.next()).toEqual({ ticketId });
    expect(await container.ended.next()).toEqual({ sessionId });
    await container.request('load', fakeLoad(1));
    expect(await second.offers.next()).toMatchObject({ ticketId: second.place.ticketId });
    expect(await first.request('accept', { ticketId })).toMatchObject({
      ok: false,
      error: { code: 'turn-missed' },
    });
  });

  it('lets nobody take the offer of another', async () => {
    const container = await full();
    const [first, second] = [await waiter(), await waiter()];
    await makeRoom(container, container.sessionId);
    const { ticketId } = await first.offers.next();
    expect(await second.request('accept', { ticketId })).toMatchObject({
      ok: false,
      error: { code: 'turn-missed' },
    });
    await second.request('leave-line', { ticketId });
    expect(await first.request('accept', { ticketId })).toMatchObject({ ok: true });
  });

  it('asks one container for each who waits, all at once', async () => {
    const containers = [await full(), await full()];
    const [first, second] = [await waiter(), await waiter()];
    const answers: (() => void)[] = [];
    for (const container of containers) {
      container.onReserve = () =>
        new Promise((resolve) => answers.push(() => resolve({ ok: true, value: {} })));
    }
    for (const container of containers) await makeRoom(container, container.sessionId);
    await expect.poll(() => answers.length).toBe(2);
    for (const answer of answers) answer();
    expect(await first.offers.next()).toMatchObject({ ticketId: first.place.ticketId });
    expect(await second.offers.next()).toMatchObject({ ticketId: second.place.ticketId });
  });

  it('gives the place that is kept first to who waits longest', async () => {
    const [slow, quick] = [await full(), await full()];
    const [first, second] = [await waiter(), await waiter()];
    let answer: () => void = () => undefined;
    slow.onReserve = () =>
      new Promise((resolve) => {
        answer = () => resolve({ ok: true, value: {} });
      });
    await makeRoom(slow, slow.sessionId);
    await slow.reserved.next();
    await makeRoom(quick, quick.sessionId);
    const { sessionId } = await quick.reserved.next();
    const { ticketId } = await first.offers.next();
    expect(ticketId).toBe(first.place.ticketId);
    expect(second.offers.unread).toEqual([]);
    answer();
    expect(await second.offers.next()).toMatchObject({ ticketId: second.place.ticketId });
    expect(await first.request('accept', { ticketId })).toMatchObject({
      value: { sessionId, containerId: quick.containerId },
    });
  });

  it('goes past a container that does not answer, and calls off what it answers too late', async () => {
    const [silent, other] = [await full(), await full()];
    const first = await waiter();
    let answer: () => void = () => undefined;
    silent.onReserve = () =>
      new Promise((resolve) => {
        answer = () => resolve({ ok: true, value: {} });
      });
    await makeRoom(silent, silent.sessionId);
    const late = await silent.reserved.next();
    fixture.timers.advance(QUICK_ANSWER_MS);
    expect(await fixture.metric('rockpool_containers{state="quarantined"}')).toBe(1);
    await makeRoom(other, other.sessionId);
    expect(await first.offers.next()).toMatchObject({ ticketId: first.place.ticketId });
    expect((await other.reserved.next()).sessionId).not.toBe(late.sessionId);
    answer();
    expect(await silent.ended.next()).toEqual({ sessionId: late.sessionId });
  });

  it('takes a late answer where there was no other', async () => {
    const slow = await full();
    const first = await waiter();
    let answer: () => void = () => undefined;
    slow.onReserve = () =>
      new Promise((resolve) => {
        answer = () => resolve({ ok: true, value: {} });
      });
    await makeRoom(slow, slow.sessionId);
    const { sessionId } = await slow.reserved.next();
    fixture.timers.advance(QUICK_ANSWER_MS);
    answer();
    const { ticketId } = await first.offers.next();
    expect(await first.request('accept', { ticketId })).toMatchObject({ value: { sessionId } });
  });

  it('does not have all wait for a game that starts slowly', async () => {
    const [slow, other] = [await full(), await full()];
    const [first, second] = [await waiter(), await waiter()];
    slow.onAssign = () => 'no answer';
    await makeRoom(slow, slow.sessionId);
    const { ticketId } = await first.offers.next();
    // Never answered: the end of the test cuts it off.
    first.request('accept', { ticketId }).catch(() => undefined);
    await slow.assigned.next();
    await slow.assigned.next();
    await makeRoom(other, other.sessionId);
    expect(second.offers.unread).toEqual([]);
    fixture.timers.advance(QUICK_ANSWER_MS);
    expect(await second.offers.next()).toMatchObject({ ticketId: second.place.ticketId });
  });

  it('moves up when somebody leaves it', async () => {
    await full();
    const [first, second] = [await waiter(), await waiter()];
    await first.request('leave-line', { ticketId: first.place.ticketId });
    expect(await second.places.next()).toMatchObject({ position: 1, waiting: 1 });
  });

  it('keeps a place over a lost connection for a while, then gives it up', async () => {
    await full();
    const [first, second] = [await waiter(), await waiter()];
    expect(await first.places.next()).toMatchObject({ waiting: 2 });
    first.close();
    const back = await fixture.guest(first.token);
    expect((await back.mustWait()).place).toMatchObject({ position: 1, waiting: 2 });
    back.close();
    await expect.poll(() => fixture.timers.pending).toBeGreaterThan(0);
    await expect
      .poll(async () => {
        fixture.timers.advance(PLACE_GRACE_MS);
        return second.places.unread.at(-1)?.position;
      })
      .toBe(1);
  });

  it('keeps a place over a restart of signaling, by its token', async () => {
    const { identity, sessionId } = await full();
    const first = await waiter();
    const second = await waiter();
    await fixture.restart();
    const again = await fixture.newContainer({ identity }).start({}, fakeLoad(0));
    const secondBack = await fixture.guest(second.token);
    await secondBack.mustWait({ placeToken: second.placeToken });
    const firstBack = await fixture.guest(first.token);
    const { place } = await firstBack.mustWait({ placeToken: first.placeToken });
    expect(place).toMatchObject({ position: 1, waiting: 2, ticketId: first.place.ticketId });
    await makeRoom(again, sessionId);
    expect(await firstBack.offers.next()).toMatchObject({ ticketId: first.place.ticketId });
    expect(secondBack.offers.unread).toEqual([]);
  });

  it('takes no place token of another player or game', async () => {
    await full();
    const first = await waiter();
    const second = await waiter();
    fixture.wallClockMs += 10;
    const thief = await fixture.guest();
    const { place } = await thief.mustWait({ placeToken: first.placeToken });
    expect(place.position).toBe(3);
    expect(place.ticketId).not.toBe(first.place.ticketId);
    expect(second.place.position).toBe(2);
  });

  it('has one place for a player, however many tabs ask', async () => {
    const container = await full();
    const tab = await waiter();
    const other = await fixture.guest(tab.token);
    expect((await other.mustWait()).place.waiting).toBe(1);
    expect(await tab.offersOver.next()).toEqual({ ticketId: tab.place.ticketId });
    await makeRoom(container, container.sessionId);
    expect(await other.offers.next()).toMatchObject({ ticketId: tab.place.ticketId });
    expect(tab.offers.unread).toEqual([]);
  });

  it('keeps who could not be served the first', async () => {
    const container = await full();
    const [first, second] = [await waiter(), await waiter()];
    container.onAssign = () => ({ ok: false, error: { code: 'game-failed', message: 'no luck' } });
    await makeRoom(container, container.sessionId);
    const { ticketId } = await first.offers.next();
    expect(await first.request('accept', { ticketId })).toMatchObject({
      error: { code: 'game-failed' },
    });
    expect(await first.offers.next()).toMatchObject({ ticketId });
    expect(second.offers.unread).toEqual([]);
  });

  it('expects a wait from how long sessions lasted', async () => {
    const container = await fixture.container({ slots: 2 });
    for (const minutes of [4, 6, 8]) {
      const player = await fixture.guest();
      const { sessionId } = await player.mustPlay();
      fixture.wallClockMs += minutes * 60_000;
      await player.request('leave', { sessionId });
      await container.request('load', fakeLoad(2));
    }
    await (await fixture.guest()).mustPlay();
    await (await fixture.guest()).mustPlay();
    await container.request('load', fakeLoad(0));
    const [first, second] = [await waiter(), await waiter()];
    expect(first.place.expectedWaitMs).toBe(3 * 60_000);
    expect(second.place.expectedWaitMs).toBe(6 * 60_000);
  });

  it('expects a wait from what is remembered of before', async () => {
    const container = await full();
    const played = await fixture.store.session(sessionIdSchema.parse(container.sessionId));
    if (!played) throw new Error('The session was not remembered.');
    for (let session = 0; session < 3; session++) {
      const sessionId = sessionIdSchema.parse(randomUUID());
      await fixture.store.beginSession({ ...played, sessionId });
      const atMs = fixture.wallClockMs + 5 * 60_000;
      await fixture.store.endSession(sessionId, { atMs, reason: 'player-left' });
    }
    const first = await waiter();
    expect(first.place.expectedWaitMs).toBeNull();
    await expect
      .poll(() => {
        fixture.timers.advance(REVIEW_INTERVAL_MS);
        return first.places.unread.at(-1)?.expectedWaitMs;
      })
      .toBe(5 * 60_000);
  });

  it('waits for no place that only other games have', async () => {
    await full();
    await waiter();
    const other = await fixture.container({ games: [fakeGame('tetris')] });
    const player = await fixture.guest();
    expect((await player.mustPlay({ gameId: 'tetris' })).containerId).toBe(other.containerId);
  });

  it('lets small sessions not starve a large one', async () => {
    const large = fakeGame('large', {
      needs: { ...FAKE_NEEDS, pixelsPerSecond: 2 * FAKE_NEEDS.pixelsPerSecond },
    });
    const games = [large, fakeGame('small')];
    const container = await fixture.container({ slots: 2, capacity: fakeCapacity(2), games });
    const one = await (await fixture.guest()).mustPlay({ gameId: 'small' });
    const other = await (await fixture.guest()).mustPlay({ gameId: 'small' });
    const ends = ({ sessionId }: typeof one) =>
      container.request('session-ended', { sessionId, reason: 'player-left' });
    await container.request('load', fakeLoad(0));
    const patient = await fixture.guest();
    await patient.mustWait({ gameId: 'large' });
    fixture.wallClockMs += PATIENCE_MS;
    const small = await fixture.guest();
    await small.mustWait({ gameId: 'small' });
    await ends(one);
    await container.request('load', fakeLoad(1));
    fixture.timers.advance(REVIEW_INTERVAL_MS);
    await ends(other);
    await container.request('load', fakeLoad(2));
    expect(await patient.offers.next()).toBeDefined();
    expect(small.offers.unread).toEqual([]);
  });

  it('lets one address not fill it', async () => {
    await full();
    const players = [];
    for (let i = 0; i < MAX_TICKETS_PER_ADDRESS; i++) players.push(await waiter());
    const one = await fixture.guest();
    expect(await one.play()).toMatchObject({ ok: false, error: { code: 'rate-limited' } });
    expect(players.at(-1)?.place.position).toBe(MAX_TICKETS_PER_ADDRESS);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sessionIdSchema } from '../../protocol/ids.ts';
import { pairingDecisionSchema } from '../../protocol/pairing-decision.ts';
import type { Ack, MoveAnswer } from '../../protocol/player-messages.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../protocol/stream-settings.ts';
import { fakeLoad } from '../support/fake-container.ts';
import type { FakePlayer } from '../support/fake-player.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

function move({ socket }: FakePlayer, sessionId: string): Promise<Ack<MoveAnswer>> {
  const request = { sessionId, settings: DEFAULT_STREAM_SETTINGS, codecs: ['h264'] };
  return socket.timeout(15_000).emitWithAck('move', request);
}

/** A player on a machine that was the only one when they came. */
async function playing() {
  const slow = await fixture.container();
  const player = await fixture.guest();
  const { sessionId } = await player.mustPlay();
  await slow.request('load', fakeLoad(0));
  return { slow, player, sessionId };
}

describe('a game whose machine does not keep up', () => {
  it('goes on elsewhere: that place is kept before the game ends, and begins after', async () => {
    const { slow, player, sessionId } = await playing();
    const happened: string[] = [];
    const better = await fixture.container();
    better.onReserve = () => {
      happened.push('kept');
      return { ok: true, value: {} };
    };
    slow.onEnd = async () => void happened.push('ended');
    better.onAssign = () => {
      happened.push('begun');
      return { ok: true, value: { attempt: 0 } };
    };
    const answer = await move(player, sessionId);
    expect(answer).toMatchObject({
      ok: true,
      value: { kind: 'moved', grant: { containerId: better.containerId, resumed: false } },
    });
    expect(happened).toEqual(['kept', 'ended', 'begun']);
    expect(player.ended.unread).toEqual([]);
    const record = await fixture.store.session(sessionIdSchema.parse(sessionId));
    expect(record?.reason).toBe('machine-degraded');
  });

  it('stays where there is no other machine, or a full one', async () => {
    const { slow, player, sessionId } = await playing();
    const stays = { ok: true, value: { kind: 'stays', why: 'no-better-place' } };
    expect(await move(player, sessionId)).toEqual(stays);
    const other = await fixture.container();
    await other.request('load', fakeLoad(0));
    expect(await move(player, sessionId)).toEqual(stays);
    expect(slow.ended.unread).toEqual([]);
  });

  it('counts against its machine, once, though it stays there', async () => {
    const slow = await fixture.container({ slots: 4 });
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    const qualityMs = async () => {
      await slow.request('load', fakeLoad(2));
      const guest = await fixture.guest();
      const { sessionId: other } = await guest.mustPlay();
      const why = pairingDecisionSchema.parse(
        ((await guest.request('why', { sessionId: other })) as { value: unknown }).value,
      );
      return why.ranked.find(({ containerId }) => containerId === slow.containerId)?.terms.quality;
    };
    expect(await move(player, sessionId)).toMatchObject({ value: { kind: 'stays' } });
    const once = await qualityMs();
    expect(once).toBeGreaterThan(0);
    expect(await move(player, sessionId)).toMatchObject({ value: { kind: 'stays' } });
    await fixture.container();
    expect(await qualityMs()).toBe(once);
  });

  it('stays where the better machine does not take it after all', async () => {
    const { slow, player, sessionId } = await playing();
    const other = await fixture.container();
    other.onReserve = () => ({ ok: false, error: { code: 'no-free-slot', message: 'full' } });
    expect(await move(player, sessionId)).toMatchObject({ value: { kind: 'stays' } });
    expect(slow.ended.unread).toEqual([]);
    expect(await fixture.metric('rockpool_sessions{state="connecting"}')).toBe(1);
  });

  it('stays where nothing would be won: a machine far dearer or farther away', async () => {
    const { player, sessionId } = await playing();
    await fixture.container({ pricePerHour: 100 });
    expect(await move(player, sessionId)).toMatchObject({ value: { kind: 'stays' } });
  });

  it('does not take a place before those who wait for one', async () => {
    const { slow, player, sessionId } = await playing();
    const waiting = await fixture.guest();
    await waiting.mustWait();
    const other = await fixture.container();
    await waiting.offers.next();
    await other.reserved.next();
    const second = await fixture.guest();
    await second.mustWait();
    expect(await move(player, sessionId)).toMatchObject({ value: { kind: 'stays' } });
    expect(slow.ended.unread).toEqual([]);
  });

  it('stays with a game that is too heavy for whatever machine it comes to', async () => {
    const { player, sessionId } = await playing();
    let session = sessionId;
    for (let moves = 0; moves < 2; moves++) {
      const next = await fixture.container();
      const answer = await move(player, session);
      expect(answer).toMatchObject({
        value: { kind: 'moved', grant: { containerId: next.containerId } },
      });
      if (!answer.ok || answer.value.kind !== 'moved') throw new Error('not moved');
      session = answer.value.grant.sessionId;
      await next.request('load', fakeLoad(0));
    }
    await fixture.container();
    expect(await move(player, session)).toEqual({
      ok: true,
      value: { kind: 'stays', why: 'too-heavy' },
    });
  });

  it('is moved for its own player alone', async () => {
    const { sessionId } = await playing();
    await fixture.container();
    const stranger = await fixture.guest();
    expect(await move(stranger, sessionId)).toMatchObject({ error: { code: 'unauthorised' } });
    const nobody = '99999999-9999-4999-8999-999999999999';
    expect(await move(stranger, nobody)).toMatchObject({ error: { code: 'unknown-session' } });
  });
});

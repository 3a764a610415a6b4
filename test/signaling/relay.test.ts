import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

function candidate(sessionId: string, text = 'candidate:1'): SessionSignal {
  return {
    sessionId: sessionId as SessionSignal['sessionId'],
    attempt: 0,
    payload: {
      kind: 'candidate',
      candidate: { candidate: text, sdpMid: '0', sdpMLineIndex: 0 },
    },
  };
}

const done = { ok: true, value: {} };
const fails = (code: string) => ({ ok: false, error: { code } });

describe('the relay', () => {
  it('carries signals both ways between the two parties, in order', async () => {
    const container = await fixture.container();
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    const texts = Array.from({ length: 50 }, (_, i) => `candidate:${i}`);
    await Promise.all(
      texts.flatMap((text) => [
        player.request('signal', candidate(sessionId, text)),
        container.request('signal', candidate(sessionId, text)),
      ]),
    );
    for (const text of texts) {
      expect(await container.signals.next()).toEqual(candidate(sessionId, text));
      expect(await player.signals.next()).toEqual(candidate(sessionId, text));
    }
  });

  it('carries nothing to or from anybody else', async () => {
    const [ours, theirs] = [await fixture.container(), await fixture.container()];
    const player = await fixture.guest();
    const stranger = await fixture.guest();
    const { sessionId, containerId } = await player.mustPlay();
    const uninvolved = containerId === ours.containerId ? theirs : ours;
    expect(await stranger.request('signal', candidate(sessionId))).toMatchObject(
      fails('unauthorised'),
    );
    expect(await uninvolved.request('signal', candidate(sessionId))).toMatchObject(
      fails('unauthorised'),
    );
    const state = { sessionId, state: 'ended' };
    expect(await uninvolved.request('session-state', state)).toMatchObject(fails('unauthorised'));
    const ended = { sessionId, reason: 'abandoned' };
    expect(await uninvolved.request('session-ended', ended)).toMatchObject(fails('unauthorised'));
    expect(await stranger.request('leave', { sessionId })).toMatchObject(fails('unauthorised'));
    for (const party of [player, stranger, ours, theirs]) {
      expect(party.signals.unread).toEqual([]);
    }
    expect(player.ended.unread).toEqual([]);
    const counted = (edge: string) =>
      fixture.metric(`rockpool_rejected_messages_total{edge="${edge}",code="unauthorised"}`);
    expect(await counted('player')).toBe(2);
    expect(await counted('container')).toBe(3);
  });

  it('knows no session that never was or is over', async () => {
    const container = await fixture.container();
    const player = await fixture.guest();
    expect(await player.request('signal', candidate(randomUUID()))).toMatchObject(
      fails('unknown-session'),
    );
    expect(await container.request('signal', candidate(randomUUID()))).toMatchObject(
      fails('unknown-session'),
    );
    const { sessionId } = await player.mustPlay();
    await player.request('leave', { sessionId });
    expect(await player.request('signal', candidate(sessionId))).toMatchObject(
      fails('unknown-session'),
    );
    expect(await player.request('leave', { sessionId })).toMatchObject(fails('unknown-session'));
  });

  it('keeps two sessions apart', async () => {
    const container = await fixture.container({ slots: 2 });
    const [first, second] = [await fixture.guest(), await fixture.guest()];
    const one = await first.mustPlay();
    const two = await second.mustPlay();
    expect(await container.request('signal', candidate(one.sessionId, 'one'))).toEqual(done);
    expect(await container.request('signal', candidate(two.sessionId, 'two'))).toEqual(done);
    expect(await first.signals.next()).toEqual(candidate(one.sessionId, 'one'));
    expect(await second.signals.next()).toEqual(candidate(two.sessionId, 'two'));
    expect(await first.request('signal', candidate(two.sessionId))).toMatchObject(
      fails('unauthorised'),
    );
  });

  it('tells the player how the session ended, and twice is no error', async () => {
    const container = await fixture.container();
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    const ended = { sessionId, reason: 'worker-crashed', detail: 'The game crashed.' };
    expect(await container.request('session-ended', ended)).toEqual(done);
    expect(await player.ended.next()).toEqual(ended);
    expect(await container.request('session-ended', ended)).toEqual(done);
    expect(player.ended.unread).toEqual([]);
  });

  it('shows the states of sessions in the metrics', async () => {
    const container = await fixture.container();
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    await container.request('session-state', { sessionId, state: 'streaming' });
    expect(await fixture.metric('rockpool_sessions{state="streaming"}')).toBe(1);
    expect(await fixture.metric('rockpool_sessions{state="connecting"}')).toBe(0);
  });
});

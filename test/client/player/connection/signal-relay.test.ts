import { afterEach, describe, expect, it, vi } from 'vitest';
import { SignalRelay } from '../../../../client/player/connection/signal-relay.ts';
import { sessionIdSchema } from '../../../../protocol/ids.ts';
import type { SessionSignal } from '../../../../protocol/session-signal.ts';
import { SESSION_ID, settle } from '../../../support/fake-player-environment.ts';

const sessionId = sessionIdSchema.parse(SESSION_ID);
const foreignId = sessionIdSchema.parse('44444444-4444-4444-8444-444444444444');

function candidate(name: string): SessionSignal['payload'] {
  return { kind: 'candidate', candidate: { candidate: name, sdpMid: '0', sdpMLineIndex: 0 } };
}

function setUp() {
  const signaling = { open: true, refuses: false };
  const sent: SessionSignal[] = [];
  const taken: SessionSignal['payload'][] = [];
  const relay = new SignalRelay({
    isOpen: () => signaling.open,
    request: async (signal) => {
      if (signaling.refuses) throw new Error('too much');
      sent.push(signal);
    },
    handlePayload: (payload) => taken.push(payload),
  });
  return { relay, signaling, sent, taken };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('SignalRelay', () => {
  it('keeps what comes before its attempt, and drops what belongs to another', () => {
    const { relay, taken } = setUp();
    const receive = (id: typeof sessionId, attempt: number, name: string) =>
      relay.handleSignal({ sessionId: id, attempt, payload: candidate(name) });
    receive(sessionId, 2, 'outdated');
    receive(sessionId, 3, 'early');
    receive(foreignId, 3, 'foreign');
    relay.handleAttempt(sessionId, 3);
    receive(sessionId, 3, 'now');
    receive(sessionId, 2, 'late');
    receive(foreignId, 4, 'foreign');
    receive(sessionId, 4, 'next');
    expect(taken).toEqual([candidate('early'), candidate('now')]);
    relay.handleAttempt(sessionId, 4);
    expect(taken.at(-1)).toEqual(candidate('next'));
  });

  it('says nothing before there is a session', () => {
    const { relay, sent } = setUp();
    relay.send(candidate('a'));
    expect(sent).toEqual([]);
  });

  it('keeps what is to be sent until signaling relays again, in order', () => {
    const { relay, signaling, sent } = setUp();
    relay.handleAttempt(sessionId, 1);
    signaling.open = false;
    relay.send(candidate('a'));
    relay.send(candidate('b'));
    expect(sent).toEqual([]);
    signaling.open = true;
    relay.flush();
    relay.flush();
    expect(sent).toEqual([
      { sessionId, attempt: 1, payload: candidate('a') },
      { sessionId, attempt: 1, payload: candidate('b') },
    ]);
  });

  it('forgets what waited where another attempt has begun', () => {
    const { relay, signaling, sent } = setUp();
    relay.handleAttempt(sessionId, 1);
    signaling.open = false;
    relay.send(candidate('a'));
    relay.handleAttempt(sessionId, 2);
    signaling.open = true;
    relay.flush();
    expect(sent).toEqual([]);
  });

  it('keeps no more than some of either', () => {
    const { relay, signaling, sent, taken } = setUp();
    for (let i = 0; i < 500; i++) {
      relay.handleSignal({ sessionId, attempt: 1, payload: candidate('early') });
    }
    relay.handleAttempt(sessionId, 1);
    expect(taken).toHaveLength(64);
    signaling.open = false;
    for (let i = 0; i < 500; i++) relay.send(candidate('a'));
    signaling.open = true;
    relay.flush();
    expect(sent).toHaveLength(64);
  });

  it('goes on where signaling refuses to relay', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    const { relay, signaling } = setUp();
    relay.handleAttempt(sessionId, 1);
    signaling.refuses = true;
    relay.send(candidate('a'));
    await settle();
    expect(error).toHaveBeenCalledTimes(1);
  });
});

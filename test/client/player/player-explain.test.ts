import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PairingDecision } from '../../../protocol/pairing-decision.ts';
import { fakeDecision } from '../../support/fake-decision.ts';
import { SESSION_ID } from '../../support/fake-player-environment.ts';
import { setUpPlayer } from '../../support/fake-player-page.ts';

const DECISION: PairingDecision = fakeDecision();

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('why a player is on their machine', () => {
  it('is asked of signaling for the present session', async () => {
    const { player, fake, stream } = setUpPlayer();
    await stream();
    const explained = player.explain();
    expect(fake.socket.last('why').payload).toEqual({ sessionId: SESSION_ID });
    fake.socket.last('why').accept(DECISION);
    await expect(explained).resolves.toEqual(DECISION);
  });

  it('cannot be told before there is a session, nor after it', async () => {
    const { player, fake, stream } = setUpPlayer();
    await expect(player.explain()).rejects.toMatchObject({ code: 'unknown-session' });
    await stream();
    player.leave();
    await expect(player.explain()).rejects.toMatchObject({ code: 'unknown-session' });
    expect(fake.socket.sent('why')).toEqual([]);
  });

  it('is told anew after a failure', async () => {
    const { player, fake, stream } = setUpPlayer();
    await stream();
    const explained = player.explain();
    fake.socket.last('why').lose();
    await expect(explained).rejects.toMatchObject({ code: 'timeout' });
    const again = player.explain();
    fake.socket.last('why').accept(DECISION);
    await expect(again).resolves.toEqual(DECISION);
  });
});

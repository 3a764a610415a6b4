import { afterEach, describe, expect, it, vi } from 'vitest';
import { type FakeElement, fakeEvent } from '../../support/fake-page.ts';
import {
  FakePlayerEnvironment,
  granted,
  SESSION_ID,
  settle,
} from '../../support/fake-player-environment.ts';
import { RESUME, setUpPlayer, stateOf } from '../../support/fake-player-page.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a player whose session ends', () => {
  it('tells why, from signaling', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    const ended = { sessionId: SESSION_ID, reason: 'game-failed', detail: 'Out of memory.' };
    fake.socket.receive('session-ended', { ...ended, sessionId: SESSION_ID.replaceAll('2', '9') });
    expect(stateOf(player).name).toBe('streaming');
    fake.socket.receive('session-ended', ended);
    expect(stateOf(player)).toEqual({
      name: 'ended',
      reason: 'game-failed',
      detail: 'Out of memory.',
    });
    expect(fake.peer.closed).toBe(true);
  });

  it('tells why, from the worker', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.peer.say({ type: 'bye', reason: 'game-over', detail: 'Back at noon.' });
    expect(stateOf(player)).toEqual({
      name: 'ended',
      reason: 'game-over',
      detail: 'Back at noon.',
    });
  });

  it('leaves by telling worker and signaling', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    const left = player.leave();
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'player-left' });
    expect(fake.peer.controls.at(-1)).toEqual({ type: 'bye' });
    fake.socket.last('leave').accept({});
    await left;
    expect(fake.socket.connected).toBe(false);
    expect(fake.time.pendingTimers).toBe(0);
  });
});

describe('a player whose page goes away', () => {
  it('is resumed by the next page, which goes on counting inputs', async () => {
    const first = setUpPlayer();
    await first.stream();
    const press = (code: string, stage: FakeElement) =>
      stage.dispatchEvent(fakeEvent('keydown', { code }));
    press('KeyW', first.stage);
    press('KeyA', first.stage);
    first.fake.window.dispatchEvent(new Event('pagehide'));
    expect(first.fake.peer.inputs.map(({ type, seq }) => [type, seq])).toEqual([
      ['key', 1],
      ['key', 2],
      ['release-all', 3],
    ]);
    expect(first.fake.socket.sent('leave')).toEqual([]);

    const fake = new FakePlayerEnvironment();
    const second = setUpPlayer({ sessionStorage: first.fake.sessionStorage }, fake);
    second.player.play();
    await second.pair({ resumed: true, attempt: 1 });
    expect(fake.socket.last('play').payload).toMatchObject({ resume: RESUME });
    await second.connect();
    press('KeyW', second.stage);
    expect(fake.peer.inputs.map(({ seq }) => seq)).toEqual([4]);
    expect(second.player.snapshot.resumed).toBe(true);
  });

  it('leaves nothing for a duplicated tab while it plays', async () => {
    const { stream, fake } = setUpPlayer();
    await stream();
    expect(fake.sessionStorage.items.size).toBe(0);
    fake.document.setVisible(false);
    expect(fake.sessionStorage.items.size).toBe(1);
    fake.document.setVisible(true);
    expect(fake.sessionStorage.items.size).toBe(0);
  });

  it('begins a new session, counting from one, where the old one is over', async () => {
    const first = setUpPlayer();
    await first.stream();
    first.stage.dispatchEvent(fakeEvent('keydown', { code: 'KeyW' }));
    first.player.close();
    const fake = new FakePlayerEnvironment();
    const second = setUpPlayer({ sessionStorage: first.fake.sessionStorage }, fake);
    second.player.play();
    await second.pair({ sessionId: '44444444-4444-4444-8444-444444444444' });
    await second.connect();
    second.stage.dispatchEvent(fakeEvent('keydown', { code: 'KeyW' }));
    expect(fake.peer.inputs.map(({ seq }) => seq)).toEqual([1]);
  });

  it('does not fall over a stored session it cannot read', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const { player, fake, pair } = setUpPlayer();
    fake.sessionStorage.setItem('rockpool.session.skimmer', '{"sessionId":1}');
    player.play();
    await pair();
    expect(fake.socket.last('play').payload).not.toHaveProperty('resume');
  });

  it('closes without ending the session, and leaves no timer and no listener behind', async () => {
    const { stream, player, fake, stage, video } = setUpPlayer();
    await stream();
    player.close();
    expect(fake.socket.sent('leave')).toEqual([]);
    expect(fake.peer.controls).not.toContainEqual({ type: 'bye' });
    expect(fake.peer.closed).toBe(true);
    expect(fake.time.pendingTimers).toBe(0);
    expect(video.pendingFrameCallbacks).toBe(0);
    const { length } = fake.peer.inputs;
    stage.dispatchEvent(fakeEvent('keydown', { code: 'KeyW' }));
    expect(fake.peer.inputs).toHaveLength(length);
    player.close();
  });

  it('opens no peer where it was closed while it paired', async () => {
    const { player, fake } = setUpPlayer();
    const done = player.play();
    fake.welcome();
    await settle();
    player.close();
    fake.socket.last('play').accept(granted());
    await settle();
    await done;
    expect(fake.peers).toEqual([]);
  });
});

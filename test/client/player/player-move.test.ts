import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WorkerControl } from '../../../protocol/control-messages.ts';
import { grant, SESSION_ID, settle } from '../../support/fake-player-environment.ts';
import { setUpPlayer, stateOf } from '../../support/fake-player-page.ts';

const NEXT_ID = '44444444-4444-4444-8444-444444444444';

const HEALTH: Extract<WorkerControl, { type: 'health' }> = {
  type: 'health',
  eventLoopDelayP99Ms: 0,
  framesPerSecond: 30,
  bitrateBps: 1_000_000,
  rssBytes: 1,
  cpuFraction: 1,
  droppedFrames: 0,
  retransmittedPackets: 0,
  rejectedMessages: 0,
  network: {
    estimateBps: 10_000_000,
    fractionLost: 0,
    rttMs: 20,
    pacerQueueMs: 0,
    repairFraction: 0,
    skippedFrames: 0,
  },
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A player whose machine sends half of the pictures, and says that it cannot do better. */
async function strained() {
  const page = setUpPlayer();
  const { fake, stream } = page;
  await stream();
  fake.peer.say(HEALTH);
  fake.peer.say({ type: 'machine', keepsUp: false });
  const startMs = fake.time.now();
  const play = async (seconds: number) => {
    for (let quarter = 0; quarter < 4 * seconds; quarter++) {
      const timestamp = fake.time.now() - startMs;
      const framesDecoded = Math.round((timestamp * 30) / 1000);
      fake.peer.receive({ timestamp, framesDecoded });
      fake.time.advance(250);
      await settle();
    }
  };
  await play(6);
  return { ...page, play };
}

describe('a player whose machine does not keep up', () => {
  it('asks for a better one, and says in the figures why there is none', async () => {
    const { player, fake, play } = await strained();
    expect(fake.socket.sent('move')).toHaveLength(1);
    expect(fake.socket.last('move').payload).toMatchObject({ sessionId: SESSION_ID });
    fake.socket.last('move').accept({ kind: 'stays', why: 'no-better-place' });
    await play(1);
    expect(stateOf(player).name).toBe('streaming');
    expect(player.snapshot.stream).toMatchObject({
      machineKeepsUp: false,
      staysBecause: 'no-better-place',
    });
    await play(30);
    expect(fake.socket.sent('move')).toHaveLength(1);
    fake.peer.say({ type: 'machine', keepsUp: true });
    await play(1);
    expect(player.snapshot.stream).toMatchObject({
      machineKeepsUp: true,
      staysBecause: undefined,
    });
  });

  it('goes on elsewhere, and does not take the farewell of the first for the end', async () => {
    const { player, fake, connect, states } = await strained();
    fake.peer.say({ type: 'bye', reason: 'player-left' });
    await settle();
    expect(stateOf(player).name).toBe('streaming');
    const moved = grant({ sessionId: NEXT_ID, containerName: 'cellar' });
    fake.socket.last('move').accept({ kind: 'moved', grant: moved });
    await settle();
    expect(stateOf(player)).toEqual({
      name: 'connecting',
      step: 'media',
      moved: 'machine-degraded',
    });
    expect(fake.peers).toHaveLength(2);
    await connect();
    expect(states.at(-1)).toBe('streaming');
    expect(player.snapshot).toMatchObject({
      sessionId: NEXT_ID,
      containerName: 'cellar',
      moved: 'machine-degraded',
      stream: { machineKeepsUp: true },
    });
    expect(fake.socket.sent('play')).toHaveLength(1);
  });

  it('looks for a new session where the first ended for a move that came to nothing', async () => {
    const { fake, connect, player } = await strained();
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    fake.peer.say({ type: 'bye', reason: 'player-left' });
    fake.socket.last('move').refuse('game-failed');
    await settle();
    expect(fake.socket.sent('play')).toHaveLength(2);
    expect(fake.socket.last('play').payload).not.toHaveProperty('resume');
    fake.socket.last('play').accept({ kind: 'granted', grant: grant({ sessionId: NEXT_ID }) });
    await settle();
    await connect();
    expect(player.snapshot).toMatchObject({ sessionId: NEXT_ID, moved: 'machine-degraded' });
  });

  it('ends for good where the game did meanwhile', async () => {
    const { fake, player } = await strained();
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    fake.peer.say({ type: 'bye', reason: 'game-over' });
    fake.socket.last('move').refuse('unknown-session');
    await settle();
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'game-over' });
  });

  it('stays with a game that was moved often enough', async () => {
    const { fake, connect, play } = await strained();
    for (let moves = 0; moves < 3; moves++) {
      const sessionId = `${moves}${NEXT_ID.slice(1)}`;
      fake.socket.last('move').accept({ kind: 'moved', grant: grant({ sessionId }) });
      await settle();
      await connect();
      fake.peer.say(HEALTH);
      fake.peer.say({ type: 'machine', keepsUp: false });
      await play(10);
    }
    expect(fake.socket.sent('move')).toHaveLength(3);
  });
});

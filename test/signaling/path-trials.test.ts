import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TRIAL_HOLD_MS } from '../../protocol/path-trial.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { FakeContainer } from '../support/fake-container.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

const NO_SLOT = { ok: false, error: { code: 'no-free-slot', message: 'no' } } as const;

/** Containers with room for two, in a region each. */
function containers(...names: string[]): Promise<FakeContainer[]> {
  return Promise.all(
    names.map((name) => fixture.container({ slots: 2 }, { name, region: `region of ${name}` })),
  );
}

function offer(sessionId: SessionSignal['sessionId']): SessionSignal {
  const description = { type: 'offer', sdp: 'v=0' } as const;
  return { sessionId, attempt: 0, payload: { kind: 'description', description } };
}

/** Who is told to end what, of all containers. */
async function ends(pool: readonly FakeContainer[], count: number): Promise<string[]> {
  const told = async () => pool.flatMap(({ ended }) => ended.unread.map((one) => one.sessionId));
  await expect.poll(told).toHaveLength(count);
  return told();
}

describe('a player who may measure', () => {
  it('has the containers tried whose ways nobody knows, and plays on the nearest', async () => {
    const pool = await containers('attic', 'cellar');
    const player = await fixture.guest();
    const candidates = await player.mustMeasure();
    expect(candidates.map(({ name }) => name).sort()).toEqual(['attic', 'cellar']);
    for (const container of pool) {
      expect(await container.tried.next()).toMatchObject({
        playerId: player.playerId,
        gameId: 'skimmer',
        codecs: ['h264', 'vp8'],
      });
      expect(container.assigned.unread).toEqual([]);
    }
    const near = candidates[1];
    const far = candidates[0];
    if (!near || !far) throw new Error('two containers are to be tried');
    const grant = await player.mustChoose([
      { sessionId: far.sessionId, roundTripMs: 35 },
      { sessionId: near.sessionId, roundTripMs: 8 },
    ]);
    expect(grant).toMatchObject({
      sessionId: near.sessionId,
      containerId: near.containerId,
      containerName: near.name,
      attempt: 0,
      resumed: false,
    });
    const played = pool.find(({ containerId }) => containerId === near.containerId);
    expect(await played?.confirmed.next()).toMatchObject({ sessionId: near.sessionId });
    expect(await ends(pool, 1)).toEqual([far.sessionId]);
    expect(await fixture.metric('rockpool_sessions{state="connecting"}')).toBe(1);
    expect(await fixture.metric('rockpool_pairing_seconds_count')).toBe(1);
  });

  it('is told why, with the ways as they were measured', async () => {
    await containers('attic', 'cellar', 'shed');
    const player = await fixture.guest();
    const [first, second, third] = await player.mustMeasure();
    if (!first || !second || !third) throw new Error('three containers are to be tried');
    const { sessionId } = await player.mustChoose([
      { sessionId: second.sessionId, roundTripMs: 20 },
      { sessionId: third.sessionId, roundTripMs: 9 },
    ]);
    const why = await player.request('why', { sessionId });
    expect(why).toMatchObject({
      ok: true,
      value: {
        considered: 3,
        ranked: [
          { name: third.name, terms: { path: 9 }, pathSource: 'measured' },
          { name: second.name, terms: { path: 20 }, pathSource: 'measured' },
        ],
      },
    });
  });

  it('exchanges signals with each of them before one is chosen', async () => {
    const pool = await containers('attic', 'cellar');
    const player = await fixture.guest();
    const candidates = await player.mustMeasure();
    for (const { sessionId, containerId } of candidates) {
      const container = pool.find((one) => one.containerId === containerId);
      await container?.tried.next();
      await container?.request('signal', offer(sessionId));
      expect(await player.signals.next()).toMatchObject({ sessionId });
      expect(await player.request('signal', offer(sessionId))).toMatchObject({ ok: true });
      expect(await container?.signals.next()).toMatchObject({ sessionId });
    }
  });

  it('starts at once where there is one container, or every way is known', async () => {
    const [attic] = await containers('attic');
    const player = await fixture.guest();
    await player.mustPlay({ mayMeasure: true });
    const [cellar] = await containers('cellar');
    if (!attic || !cellar) throw new Error('there are two containers');
    const known = (roundTripMs: number, { containerId }: FakeContainer) => ({
      containerId,
      roundTripMs,
      ageMs: 60_000,
    });
    const knownPaths = [known(40, attic), known(15, cellar)];
    const other = await fixture.guest();
    const grant = await other.mustPlay({ mayMeasure: true, knownPaths });
    expect(grant.containerName).toBe('cellar');
    expect([...attic.tried.unread, ...cellar.tried.unread]).toEqual([]);
  });

  it('is not made to measure when moved, nor ahead of who waits', async () => {
    await containers('attic', 'cellar');
    const player = await fixture.guest();
    const { sessionId, resumeToken } = await player.mustPlay();
    await player.request('leave', { sessionId });
    const resume = { sessionId, resumeToken };
    expect((await player.mustPlay({ mayMeasure: true, resume })).resumed).toBe(false);
  });

  it('plays on the best by what is known where no way opened', async () => {
    await containers('attic', 'cellar');
    const player = await fixture.guest();
    const [first] = await player.mustMeasure();
    expect((await player.mustChoose([])).sessionId).toBe(first?.sessionId);
  });

  it('plays far away rather than not at all', async () => {
    await containers('attic', 'cellar');
    const player = await fixture.guest();
    const candidates = await player.mustMeasure();
    const paths = candidates.map(({ sessionId }, at) => ({ sessionId, roundTripMs: 200 - at }));
    expect((await player.mustChoose(paths)).sessionId).toBe(candidates[1]?.sessionId);
  });

  it('hears of a container that does not take part', async () => {
    const [attic, cellar] = await containers('attic', 'cellar');
    if (!attic || !cellar) throw new Error('there are two containers');
    attic.onTrial = () => NO_SLOT;
    const player = await fixture.guest();
    const candidates = await player.mustMeasure();
    const gone = candidates.find(({ name }) => name === 'attic');
    expect(await player.ended.next()).toMatchObject({ sessionId: gone?.sessionId });
    expect((await player.mustChoose([])).containerName).toBe('cellar');
  });

  it('hears of a container whose worker fails meanwhile', async () => {
    const [attic] = await containers('attic', 'cellar');
    const player = await fixture.guest();
    const candidates = await player.mustMeasure();
    const gone = candidates.find(({ name }) => name === 'attic');
    await attic?.tried.next();
    await attic?.request('session-ended', {
      sessionId: gone?.sessionId,
      reason: 'worker-crashed',
    });
    expect(await player.ended.next()).toMatchObject({ sessionId: gone?.sessionId });
    expect((await player.mustChoose([])).containerName).toBe('cellar');
  });

  it('gets the next one where the nearest does not start the game', async () => {
    const pool = await containers('attic', 'cellar');
    for (const container of pool) {
      container.onConfirm = () =>
        container === pool[0] ? NO_SLOT : { ok: true, value: { attempt: 0 } };
    }
    const player = await fixture.guest();
    const candidates = await player.mustMeasure();
    const paths = candidates.map(({ sessionId, name }) => ({
      sessionId,
      roundTripMs: name === 'attic' ? 5 : 30,
    }));
    expect((await player.mustChoose(paths)).containerName).toBe('cellar');
  });

  it('gets another where none of those tried starts the game', async () => {
    const pool = await containers('attic', 'cellar');
    const player = await fixture.guest();
    const candidates = await player.mustMeasure();
    for (const container of pool) container.onConfirm = () => NO_SLOT;
    const { sessionId } = await player.mustChoose([]);
    expect(candidates.map((one) => one.sessionId)).not.toContain(sessionId);
    expect(await ends(pool, 2)).toEqual(
      expect.arrayContaining(candidates.map((one) => one.sessionId)),
    );
  });

  it('keeps no place by going away', async () => {
    const pool = await containers('attic', 'cellar');
    const player = await fixture.guest();
    await player.mustMeasure();
    for (const container of pool) await container.tried.next();
    player.close();
    await ends(pool, 2);
    await expect.poll(() => fixture.metric('rockpool_sessions{state="connecting"}')).toBe(0);
  });

  it('keeps no place by saying nothing, and plays anew', async () => {
    const pool = await containers('attic', 'cellar');
    const player = await fixture.guest();
    await player.mustMeasure();
    for (const container of pool) await container.tried.next();
    fixture.timers.advance(TRIAL_HOLD_MS);
    await ends(pool, 2);
    expect(await player.choose([])).toMatchObject({ error: { code: 'unknown-session' } });
    await player.mustMeasure();
  });

  it('measures once at a time, in however many tabs', async () => {
    await containers('attic', 'cellar');
    const player = await fixture.guest();
    await player.mustMeasure();
    const tab = await fixture.guest(player.token);
    expect(await tab.choose([])).toMatchObject({ error: { code: 'unknown-session' } });
    await tab.mustPlay({ mayMeasure: true });
    expect(await tab.play({ mayMeasure: true })).toMatchObject({ error: { code: 'rate-limited' } });
  });

  it('leaves no history of what was only tried', async () => {
    const pool = await containers('attic', 'cellar');
    const player = await fixture.guest();
    const candidates = await player.mustMeasure();
    const grant = await player.mustChoose([]);
    await ends(pool, 1);
    const history = await player.request('history', {});
    expect(history).toMatchObject({ value: { sessions: [{ sessionId: grant.sessionId }] } });
    const other = candidates.find(({ sessionId }) => sessionId !== grant.sessionId);
    expect(await player.request('why', { sessionId: other?.sessionId })).toMatchObject({
      ok: false,
    });
  });
});

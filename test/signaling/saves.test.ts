import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AssignRequest } from '../../protocol/container-messages.ts';
import { contentDigest } from '../../protocol/content-digest.ts';
import { MAX_SAVE_BYTES, type SaveOrder, savePath } from '../../protocol/save-order.ts';
import { RECENT_MS } from '../../signaling/save-desk.ts';
import type { FakeContainer } from '../support/fake-container.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

type Guest = Awaited<ReturnType<SignalingFixture['guest']>>;

/** A session as its container was told of it. */
interface Assigned extends AssignRequest {
  readonly save: SaveOrder;
}

const HOUR_MS = 60 * 60_000;

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function assigned(container: FakeContainer): Promise<Assigned> {
  const { save, ...rest } = await container.assigned.next();
  if (!save) throw new Error('The container was not told where the save is.');
  return { ...rest, save };
}

/** Plays on the container that is free, and gives what that was told. */
async function play(player: Guest, container: FakeContainer): Promise<Assigned> {
  await player.mustPlay();
  return assigned(container);
}

function put(session: Assigned, body: string, headers: Record<string, string> = {}) {
  return fixture.get(savePath(session), {
    method: 'PUT',
    body,
    headers: {
      ...bearer(session.save.token),
      'Content-Digest': contentDigest(sha256(body)),
      ...headers,
    },
  });
}

const get = (session: Assigned) =>
  fixture.get(savePath(session), { headers: bearer(session.save.token) });

async function ended(container: FakeContainer, { sessionId }: Assigned): Promise<void> {
  await container.request('session-ended', { sessionId, reason: 'game-over' });
}

/** Sends bytes as they are and gives what is answered first. */
function raw(head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(fixture.server.port, '127.0.0.1', () => socket.write(head));
    socket.setEncoding('latin1');
    socket.once('data', (answer: string) => {
      resolve(answer);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('the save of a player', () => {
  it('is brought by one container and fetched by the next', async () => {
    const player = await fixture.guest();
    const attic = await fixture.container();
    const first = await play(player, attic);
    expect(first.save.newest).toBeUndefined();
    expect((await get(first)).status).toBe(404);

    expect((await put(first, 'level 3')).status).toBe(204);
    await ended(attic, first);
    attic.close();
    await attic.disconnected;

    const cellar = await fixture.container();
    const second = await play(player, cellar);
    expect(second.save.turn).toBeGreaterThan(first.save.turn);
    expect(second.save.newest).toEqual({
      sha256: sha256('level 3'),
      bytes: 7,
      turn: first.save.turn,
    });
    const response = await get(second);
    expect(response.headers.get('content-digest')).toBe(contentDigest(sha256('level 3')));
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe('level 3');
  });

  it('is another for each player and game, and outlives a restart', async () => {
    const [anna, ben] = [await fixture.guest(), await fixture.guest()];
    const container = await fixture.container({ slots: 8 });
    const hers = await play(anna, container);
    const his = await play(ben, container);
    await put(hers, 'hers');
    await put(his, 'his');
    await fixture.restart();
    expect(await (await get(hers)).text()).toBe('hers');
    expect(await (await get(his)).text()).toBe('his');
    expect((await fixture.get(savePath(his), { headers: bearer(hers.save.token) })).status).toBe(
      401,
    );
  });

  it('is not replaced by that of an earlier session', async () => {
    const player = await fixture.guest();
    const container = await fixture.container({ slots: 8 });
    const earlier = await play(player, container);
    const later = await play(player, container);
    expect((await put(later, 'new')).status).toBe(204);
    const refused = await put(earlier, 'old');
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: 'bad-message' });
    expect(await (await get(later)).text()).toBe('new');
  });

  it('is waited for where the player has just left another container', async () => {
    const player = await fixture.guest();
    const attic = await fixture.container();
    const first = await play(player, attic);
    let confirmEnd = () => {};
    attic.onEnd = () =>
      new Promise((resolve) => {
        confirmEnd = resolve;
      });
    await player.request('leave', { sessionId: first.sessionId });
    await attic.ended.next();

    const cellar = await fixture.container({ pricePerHour: 0 }, { name: 'cellar' });
    await attic.request('load', {
      state: 'draining',
      freeSlots: 0,
      free: { pixelsPerSecond: 0, cpus: 0, memoryBytes: 0, gpuMemoryBytes: 0 },
    });
    const playing = player.mustPlay();
    await put(first, 'at the end');
    expect(cellar.assigned.unread).toEqual([]);
    confirmEnd();
    await playing;
    expect((await assigned(cellar)).save.newest?.sha256).toBe(sha256('at the end'));
  });
});

describe('a container', () => {
  it('gets at saves while the session runs, and for a while after it', async () => {
    const player = await fixture.guest();
    const container = await fixture.container();
    const session = await play(player, container);
    fixture.timers.advance(HOUR_MS);
    expect((await put(session, 'one')).status).toBe(204);
    await ended(container, session);
    expect((await put(session, 'two')).status).toBe(204);
    fixture.timers.advance(RECENT_MS / 2);
    expect((await put(session, 'three')).status).toBe(204);
    fixture.timers.advance(RECENT_MS);
    expect((await put(session, 'four')).status).toBe(401);
    expect((await get(session)).status).toBe(401);
  });

  it('brings after a restart what it could not bring before', async () => {
    const player = await fixture.guest();
    const container = await fixture.container();
    const session = await play(player, container);
    await fixture.restart();
    expect((await put(session, 'one')).status).toBe(204);
    fixture.timers.advance(RECENT_MS);
    expect((await put(session, 'two')).status).toBe(401);
  });

  it('that comes back with a session after a restart has a while after its end too', async () => {
    const player = await fixture.guest();
    const identity = (await fixture.container()).identity;
    const first = fixture.newContainer({ identity });
    await first.start({});
    const { sessionId, playerId, gameId, ...rest } = await play(player, first);
    const session = { sessionId, playerId, gameId, ...rest };
    await fixture.restart();
    const again = fixture.newContainer({ identity });
    await again.start({
      sessions: [{ sessionId, playerId, gameId, state: 'streaming', attempt: 0 }],
    });
    fixture.timers.advance(HOUR_MS);
    await again.request('load', {
      state: 'busy',
      freeSlots: 0,
      free: { pixelsPerSecond: 0, cpus: 0, memoryBytes: 0, gpuMemoryBytes: 0 },
    });
    await ended(again, session);
    expect((await put(session, 'the last')).status).toBe(204);
  });

  it.each([
    ['no token', {}],
    ['garbage', bearer('garbage')],
    ['another scheme', { Authorization: 'Basic YTpi' }],
  ])('is refused with %s', async (_, headers) => {
    const session = await play(await fixture.guest(), await fixture.container());
    for (const method of ['GET', 'PUT']) {
      const response = await fixture.get(savePath(session), { method, headers });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: 'unauthorised' });
    }
  });

  it('cannot use what its player holds', async () => {
    const player = await fixture.guest();
    const container = await fixture.container();
    const { resumeToken } = await player.mustPlay();
    const session = await assigned(container);
    for (const token of [resumeToken, player.token]) {
      const response = await fixture.get(savePath(session), { headers: bearer(token) });
      expect(response.status).toBe(401);
    }
  });
});

describe('an upload', () => {
  let session: Assigned;
  beforeEach(async () => {
    session = await play(await fixture.guest(), await fixture.container());
  });

  it.each([
    ['with another digest', { 'Content-Digest': contentDigest(sha256('other')) }],
    ['without a digest', { 'Content-Digest': '' }],
  ])('%s leaves everything as it was', async (_, headers) => {
    await put(session, 'good');
    const response = await put(session, 'bad', headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'bad-message' });
    expect(await (await get(session)).text()).toBe('good');
  });

  const head = (...lines: string[]) =>
    [
      `PUT ${savePath(session)} HTTP/1.1`,
      'Host: a',
      `Authorization: Bearer ${session.save.token}`,
      `Content-Digest: ${contentDigest(sha256('x'))}`,
      ...lines,
      '',
      '',
    ].join('\r\n');

  it('is told to be too large before it is sent, and without a length to bring one', async () => {
    const large = await raw(head(`Content-Length: ${MAX_SAVE_BYTES + 1}`));
    expect(large).toMatch(/^HTTP\/1\.1 413/);
    expect(large).toMatch(/connection: close/i);
    expect(await raw(head('Transfer-Encoding: chunked'))).toMatch(/^HTTP\/1\.1 400/);
    expect(await raw(head('Content-Length: 0'))).toMatch(/^HTTP\/1\.1 400/);
  });

  it('that hangs gives way to the next of its session', async () => {
    const hanging = connect(fixture.server.port, '127.0.0.1', () =>
      hanging.write(`${head('Content-Length: 1000')}a`),
    );
    hanging.on('error', () => {});
    let closed = false;
    hanging.once('close', () => {
      closed = true;
    });
    const statuses: number[] = [];
    const next = async () => {
      statuses.push((await put(session, 'x')).status);
      return closed;
    };
    await expect.poll(next).toBe(true);
    expect(new Set(statuses)).toEqual(new Set([204]));
    expect(await (await get(session)).text()).toBe('x');
  });

  it('goes nowhere else, and nothing else is taken there', async () => {
    const body = { method: 'PUT', body: 'x' };
    for (const path of ['/api/saves', `${savePath(session)}/x`, '/api/games']) {
      expect((await fixture.get(path, body)).status).toBe(413);
    }
    expect((await fixture.get(savePath(session), { method: 'POST', body: 'x' })).status).toBe(413);
    expect((await fixture.get('/api/saves/anna/skimmer', body)).status).toBe(400);
    expect((await fixture.get('/api/saves/..%2f..%2f/skimmer', body)).status).toBe(400);
  });
});

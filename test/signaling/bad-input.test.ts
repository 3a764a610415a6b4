import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerRequests } from '../../protocol/container-messages.ts';
import { ackSchema, playerRequests } from '../../protocol/player-messages.ts';
import { type FakeContainer, fakeJoin } from '../support/fake-container.ts';
import type { FakePlayer } from '../support/fake-player.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

const NAMES = [
  ...Object.keys(playerRequests),
  ...Object.keys(containerRequests),
  'welcome',
  'error',
  'refused',
  'message',
  'constructor',
  'toString',
  '__proto__',
  '',
  'x'.repeat(5_000),
];

/** Values that JSON carries, the odd binary among them. */
const junk = fc
  .oneof(
    fc.jsonValue(),
    fc.object({
      key: fc.constantFrom('sessionId', 'gameId', 'resume', '__proto__', 'constructor'),
    }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  )
  // Who asks for their history needs to say no more than this.
  .filter((value) => JSON.stringify(value) !== '{}');

let fixture: SignalingFixture;
let player: FakePlayer;
let container: FakeContainer;
beforeAll(async () => {
  fixture = await SignalingFixture.start();
  container = await fixture.container();
  player = await fixture.guest();
});
afterAll(() => fixture.close());

function rejected(edge: string, code: string): Promise<number> {
  return fixture.metric(`rockpool_rejected_messages_total{edge="${edge}",code="${code}"}`);
}

describe('what comes over a socket', () => {
  it('is answered with a typed error whatever it is', async () => {
    const refusal = ackSchema;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.array(junk, { maxLength: 3 }),
        async (name, args) => {
          for (const party of [player, container]) {
            const answer = refusal.parse(await party.request(name, ...args));
            expect(answer.ok).toBe(false);
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(await rejected('player', 'bad-message')).toBeGreaterThan(0);
    expect(await rejected('container', 'bad-message')).toBeGreaterThan(0);
    expect(player.socket.connected && container.socket.connected).toBe(true);
  });

  it('is refused with a number for a name', async () => {
    const answer = player.request(7 as unknown as string, {});
    expect(await answer).toMatchObject({ ok: false, error: { code: 'bad-message' } });
  });

  it('is counted and dropped when it asks for no acknowledgement', async () => {
    const before = await rejected('player', 'bad-message');
    for (const name of ['play', 'leave', 'error', 'nonsense']) player.socket.emit(name, {});
    player.socket.emit('play');
    await player.request('leave', {});
    expect(await rejected('player', 'bad-message')).toBe(before + 6);
  });

  it('names the field at fault', async () => {
    const answer = await player.request('play', { gameId: 'skimmer', codecs: ['mp4'] });
    expect(answer).toMatchObject({ ok: false });
    expect(JSON.stringify(answer)).toMatch(/play at (settings|codecs)/);
  });

  it('may join only once on a connection', async () => {
    expect(await container.join(fakeJoin())).toMatchObject({
      ok: false,
      error: { code: 'bad-message' },
    });
  });

  it('is hung up on when it is bigger than any message may be', async () => {
    const flooder = await fixture.guest();
    flooder.socket.emit('play', 'x'.repeat(4 * 1024 * 1024));
    await flooder.disconnected;
    await expect.poll(() => rejected('player', 'message-too-large')).toBe(1);
    expect(player.socket.connected).toBe(true);
  });

  it.each(['2/player,{"not":"an array"}', '9', '2/player,["disconnect"]', '51-/player,["play"'])(
    'is hung up on when it is no packet of socket.io, such as %s',
    async (packet) => {
      const speaker = await fixture.guest();
      const before = await rejected('player', 'bad-message');
      const { engine } = speaker.socket.io as unknown as { engine: { write(data: string): void } };
      engine.write(packet);
      await speaker.disconnected;
      await expect.poll(() => rejected('player', 'bad-message')).toBe(before + 1);
      expect(player.socket.connected).toBe(true);
    },
  );

  it('is limited for each socket, and only for that one', async () => {
    const flooder = await fixture.guest();
    const answers = await Promise.all(
      Array.from({ length: 301 }, () => flooder.request('leave', {})),
    );
    const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.error.code));
    expect(codes.filter((code) => code === 'bad-message')).toHaveLength(300);
    expect(codes.at(-1)).toBe('rate-limited');
    expect(await (await fixture.guest()).request('leave', {})).toMatchObject({
      error: { code: 'bad-message' },
    });
  });
});

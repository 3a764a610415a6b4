import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { expect } from 'vitest';
import { CONTAINER_NAMESPACE } from '../protocol/container-messages.ts';
import { MAX_CONTROL_CHARS, parseWorkerControl } from '../protocol/control-messages.ts';
import { PLAYER_NAMESPACE } from '../protocol/player-messages.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { test } from './support/e2e-test.ts';
import { SMALL_STREAM } from './support/player-page.ts';
import { connectedWorkersOf, udpPortsOf } from './support/process-tree.ts';
import { handshakeRefusal, RawPlayer, rawSocket } from './support/raw-player.ts';
import { health, metric } from './support/server-facts.ts';

test('rubbish on the data channels is answered, counted and changes nobody else’s game', async ({
  newPlayer,
  rockpool,
}) => {
  const bystander = await newPlayer({ stream: SMALL_STREAM });
  const hostile = await newPlayer({ stream: SMALL_STREAM });
  await bystander.play('calibration');
  await hostile.play('calibration');
  const { nonce, inputSeq } = await bystander.mark();
  const flips = await bystander.flips();

  await hostile.page.evaluate((tooLong) => {
    const { channels } = window.probe.connection;
    const say = (label: string, data: string | Uint8Array<ArrayBuffer>) => {
      const channel = channels.get(label);
      if (typeof data === 'string') channel?.send(data);
      else channel?.send(data);
    };
    say('input', new Uint8Array([99, 1, 2, 3]));
    say('input', 'text where binary belongs');
    say('motion', new Uint8Array(60_000));
    say('frames', new Uint8Array([1]));
    say('control', 'no JSON');
    say('control', '{"type":"settings","settings":{"frameRate":1e9}}');
    say('control', 'x'.repeat(tooLong));
    say('control', new Uint8Array([0]));
  }, MAX_CONTROL_CHARS + 1);
  const sent = 8;

  const told = async () => {
    const control = await hostile.page.evaluate(() => window.probe.connection.control);
    return control.map((message) => parseWorkerControl(JSON.stringify(message)));
  };
  await hostile.page.waitForFunction(
    (count) =>
      window.probe.connection.control.some(
        (message) => Number((message as { rejectedMessages?: number }).rejectedMessages) >= count,
      ),
    {},
    sent,
  );
  const errors = (await told()).flatMap((message) =>
    message.type === 'error' ? [message.error.code] : [],
  );
  expect(errors).toHaveLength(sent);
  expect(new Set(errors)).toEqual(new Set(['bad-message', 'message-too-large']));

  await hostile.flip(() => hostile.page.keyboard.press('KeyX'));
  await bystander.frames(30);
  expect(await bystander.flips()).toBe(flips);
  expect(await bystander.mark()).toMatchObject({ nonce, inputSeq });
  expect(bystander.errors).toEqual([]);
  expect(await health(rockpool.url)).toBe(200);
});

test('nobody reaches a session that is not theirs', async ({ newPlayer, rockpool }) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  const sessionId = await player.sessionId();
  const { nonce } = await player.mark();
  const rejected = () => metric(rockpool.url, 'rockpool_rejected_messages_total', 'edge="player"');
  const before = await rejected();

  const owner = await RawPlayer.connect(rockpool.url);
  const thief = await RawPlayer.connect(rockpool.url, 'eyJhbGciOiJub25lIn0.e30.');
  expect(thief.welcome.playerId).not.toBe(owner.welcome.playerId);
  const { resumeToken, sessionId: owned } = await owner.play();

  const candidate = { candidate: 'x', sdpMid: '0', sdpMLineIndex: 0 };
  const signal = { sessionId, attempt: 0, payload: { kind: 'candidate', candidate } };
  const attempts: [event: string, payload: object][] = [
    ['leave', { sessionId }],
    ['signal', signal],
    ['attach', { sessionId, resumeToken: 'forged' }],
    ['attach', { sessionId, resumeToken }],
    ['attach', { sessionId: owned, resumeToken }],
  ];
  for (const [event, payload] of attempts) {
    expect(await thief.refusal(event, payload)).toMatchObject({ code: 'unauthorised' });
  }
  expect(await rejected()).toBe(before + attempts.length);

  await player.flip(() => player.page.keyboard.press('KeyX'));
  expect((await player.mark()).nonce).toBe(nonce);
  expect(player.errors).toEqual([]);
  expect(await owner.socket.emitWithAck('leave', { sessionId: owned })).toMatchObject({ ok: true });
  owner.close();
  thief.close();
});

test('malformed messages are refused by name and counted', async ({ rockpool }) => {
  // Of other pages' sessions, which may still be ending, there are no such messages.
  const rejected = (code = 'bad-message') =>
    metric(rockpool.url, 'rockpool_rejected_messages_total', `code="${code}"`);
  const before = await rejected();
  const player = await RawPlayer.connect(rockpool.url);
  const malformed: [event: string, ...payload: unknown[]][] = [
    ['dance', {}],
    ['__proto__', {}],
    ['play'],
    ['play', null],
    ['play', 'calibration', {}],
    ['play', { gameId: '../../etc/passwd' }],
    ['leave', { sessionId: 'no uuid' }],
    ['leave', { sessionId: crypto.randomUUID(), extra: true }],
    ['signal', Buffer.alloc(1000)],
  ];
  for (const [event, ...payload] of malformed) {
    expect(await player.refusal(event, ...payload)).toMatchObject({ code: 'bad-message' });
  }
  expect(await rejected()).toBe(before + malformed.length);

  const tooLarge = await rejected('message-too-large');
  const gone = new Promise((resolve) => player.socket.once('disconnect', resolve));
  player.socket.emit('play', 'x'.repeat(4_000_000), () => undefined);
  await gone;
  await expect.poll(() => rejected('message-too-large')).toBe(tooLarge + 1);
  expect(await health(rockpool.url)).toBe(200);
});

test('handshakes without the right to be here are refused with the reason', async ({
  rockpool,
}) => {
  const { url } = rockpool;
  const hello = { protocol: PROTOCOL_VERSION };
  const container = {
    ...hello,
    joinToken: 'a guess of sixteen',
    publicKey: 'A'.repeat(43),
    name: 'impostor',
    region: 'local',
  };
  const refusals = [
    handshakeRefusal(rawSocket(url, PLAYER_NAMESPACE, { protocol: 999 })),
    handshakeRefusal(rawSocket(url, PLAYER_NAMESPACE, { ...hello, admin: true })),
    handshakeRefusal(rawSocket(url, CONTAINER_NAMESPACE, container)),
  ];
  expect(await Promise.all(refusals)).toMatchObject([
    { code: 'protocol-mismatch' },
    { code: 'bad-message' },
    { code: 'forbidden-origin' },
  ]);
  const foreign = rawSocket(url, PLAYER_NAMESPACE, hello, 'https://evil.example');
  expect(await handshakeRefusal(foreign)).toMatch(/websocket error/);
});

test('datagrams from strangers change nothing', async ({ newPlayer, rockpool }) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  // Of games that are ending.
  const others = connectedWorkersOf(rockpool.pid);
  await player.play('calibration');
  const { nonce } = await player.mark();
  const [worker = 0] = connectedWorkersOf(rockpool.pid).filter((pid) => !others.includes(pid));
  const ports = udpPortsOf(worker);
  expect(ports.length).toBeGreaterThan(0);

  const stranger = createSocket('udp4');
  const send = (datagram: Uint8Array, port: number) =>
    new Promise<void>((resolve, reject) => {
      stranger.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
    });
  try {
    // First bytes as STUN, DTLS and RTP have them (RFC 7983), and all that lies between.
    for (let first = 0; first < 256; first += 3) {
      for (const bytes of [1, 2, 7, 11, 13, 20, 60, 1400]) {
        const datagram = randomBytes(bytes);
        datagram[0] = first;
        // The packet types of RTCP are told apart by the second byte (RFC 5761 §4).
        if (bytes > 1) datagram[1] = 192 + (first % 32);
        for (const port of ports) await send(datagram, port);
      }
    }
  } finally {
    stranger.close();
  }
  await player.flip(() => player.page.keyboard.press('KeyX'));
  expect(await player.mark()).toMatchObject({ nonce });
  expect(connectedWorkersOf(rockpool.pid)).toContain(worker);
});

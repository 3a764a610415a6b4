import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { PeerOptions } from '../../../server/transport/peer.ts';
import { LoopbackSession } from './loopback-session.ts';
import { countUdpSockets } from './open-sockets.ts';

/** After so long a path that says nothing is taken for dead, and a tick later others are tried. */
const UNTIL_FAILOVER_MS = 1500;
const LINGER_MS = 3000;

function credential(sdp: string, name: string): string {
  return new RegExp(`a=ice-${name}:(\\S+)`).exec(sdp)?.[1] ?? '';
}

type Receive = (datagram: Buffer, source: [string, number]) => void;

const receivers = new WeakMap<object, Receive>();

/** Makes the browser deaf to all but one port of the worker, as a network that is gone does. */
function hearOnly(session: LoopbackSession, port: number): void {
  for (const { connection } of session.browser.iceTransports) {
    for (const { protocol } of connection.checkList) {
      const udp = protocol as unknown as { datagramReceived: Receive };
      const receive = receivers.get(udp) ?? udp.datagramReceived.bind(udp);
      receivers.set(udp, receive);
      udp.datagramReceived = (datagram, source) => {
        if (source[1] === port) receive(datagram, source);
      };
    }
  }
}

function portOf(sdp: string): number {
  return Number(/a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/.exec(sdp)?.[1]);
}

/** A NAT on loopback between browser and worker that can change its mind. */
class Nat {
  readonly inside: Socket;
  #outside: Socket;
  readonly #worker: number;
  #browser = 0;
  readonly #sockets: Socket[] = [];

  private constructor(inside: Socket, outside: Socket, worker: number) {
    this.inside = inside;
    this.#worker = worker;
    this.#outside = outside;
    this.#sockets.push(inside);
    inside.on('message', (datagram, { port }) => {
      this.#browser = port;
      this.#outside.send(datagram, this.#worker, '127.0.0.1');
    });
    this.#use(outside);
  }

  static async open(worker: number): Promise<Nat> {
    return new Nat(await bind(), await bind(), worker);
  }

  /** Forgets the mapping: what the browser sends comes from another port, what is sent to the old is lost. */
  async rebind(): Promise<void> {
    this.#outside.removeAllListeners('message');
    this.#use(await bind());
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #use(outside: Socket): void {
    this.#outside = outside;
    this.#sockets.push(outside);
    outside.on('message', (datagram) => this.inside.send(datagram, this.#browser, '127.0.0.1'));
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

describe('An ICE restart', () => {
  let session: LoopbackSession | undefined;
  afterEach(() => session?.close());

  function create(options?: Partial<PeerOptions>): LoopbackSession {
    session = new LoopbackSession(options);
    return session;
  }

  it('offers the same again with new credentials and candidates', async () => {
    const opened = create();
    let first = '';
    await opened.open(undefined, (offer) => {
      first = offer;
      return offer;
    });
    const { type, sdp } = await opened.peer.restartIce();
    expect(type).toBe('offer');
    for (const name of ['ufrag', 'pwd']) {
      expect(credential(sdp, name)).not.toBe('');
      expect(credential(sdp, name)).not.toBe(credential(first, name));
    }
    expect(portOf(sdp)).not.toBe(portOf(first));
    expect(sdp).toContain('a=end-of-candidates');
    const rest = (text: string): string[] =>
      text.split('\r\n').filter((line) => !/^a=(candidate|ice-|end-of)|^o=/.test(line));
    expect(rest(sdp)).toEqual(rest(first));
    const origin = (text: string): string[] => /^o=.*$/m.exec(text)?.[0].split(' ') ?? [];
    expect(origin(sdp)[1]).toBe(origin(first)[1]);
    expect(Number(origin(sdp)[2])).toBe(Number(origin(first)[2]) + 1);
  });

  it('moves media and messages to the new path without a new handshake', async () => {
    const opened = create();
    const { peer, journal, channels, browser } = opened;
    await opened.open();
    await opened.untilMediaArrives();
    const offer = await peer.restartIce();
    await opened.untilMediaArrives();
    await peer.acceptAnswer(await opened.answer(offer));
    hearOnly(opened, portOf(offer.sdp));
    await opened.untilMediaArrives();
    channels.get('control')?.send('moved');
    await journal.until('control moved');
    expect(peer.sendMessage('control', 'welcome')).toBe(true);
    await journal.until('browser control welcome');
    expect(journal.lines.filter((line) => line.startsWith('state'))).toEqual(['state connected']);
    expect(browser.dtlsTransports.map(({ state }) => state)).toEqual(['connected']);
  });

  it('brings a connection back that was lost', async () => {
    const opened = create();
    const { peer, journal, time } = opened;
    await opened.open();
    hearOnly(opened, 0);
    time.advance(10_000);
    await journal.until('state disconnected');
    const offer = await peer.restartIce();
    const answer = await opened.answer(offer);
    hearOnly(opened, portOf(offer.sdp));
    await peer.acceptAnswer(answer);
    await opened.untilMediaArrives();
    opened.channels.get('control')?.send('back');
    await journal.until('control back');
    expect(journal.lines.at(-1)).toBe('control back');
    expect(journal.count('state connected')).toBe(2);
  });

  it('can be done again and again, and closes the sockets of the old paths', async () => {
    const before = await countUdpSockets();
    const opened = create();
    const { peer, time } = opened;
    await opened.open();
    for (let i = 0; i < 3; i++) {
      const offer = await peer.restartIce();
      await peer.acceptAnswer(await opened.answer(offer));
      hearOnly(opened, portOf(offer.sdp));
      await opened.untilMediaArrives();
    }
    time.advance(LINGER_MS);
    expect(await countUdpSockets()).toBe(before + 2);
    await opened.close();
    expect(await countUdpSockets()).toBe(before);
    expect(time.pendingTimers).toBe(0);
  });

  it('leaves no socket behind where the connection is closed meanwhile', async () => {
    const before = await countUdpSockets();
    const opened = create();
    await opened.open();
    const offer = opened.peer.restartIce();
    await opened.close();
    await offer;
    expect(await countUdpSockets()).toBe(before);
  });

  it('is offered once until it is answered, and its answer is taken once', async () => {
    const opened = create();
    const { peer } = opened;
    await opened.open();
    const [offer, same] = await Promise.all([peer.restartIce(), peer.restartIce()]);
    expect(same).toEqual(offer);
    expect(await peer.restartIce()).toEqual(offer);
    const answer = await opened.answer(offer);
    await peer.acceptAnswer(answer);
    await expect(peer.acceptAnswer(answer)).rejects.toMatchObject({ code: 'bad-message' });
    await opened.untilMediaArrives();
  });

  it('gives way to another that is wished for before it succeeds', async () => {
    const opened = create();
    const { peer } = opened;
    await opened.open();
    const before = await countUdpSockets();
    const hopeless = await opened.answer(await peer.restartIce());
    const nowhere = hopeless.sdp.replace(/a=ice-pwd:\S+/g, `a=ice-pwd:${'x'.repeat(22)}`);
    await peer.acceptAnswer({ type: 'answer', sdp: nowhere });
    const offer = await peer.restartIce();
    expect(await countUdpSockets()).toBe(before + 1);
    await peer.acceptAnswer(await opened.answer(offer));
    hearOnly(opened, portOf(offer.sdp));
    await opened.untilMediaArrives();
  });

  it('is refused before there is a connection, and its answer where it has no credentials', async () => {
    const { peer, ...opened } = create();
    await expect(peer.restartIce()).rejects.toMatchObject({ code: 'bad-message' });
    expect(opened.journal.lines).toEqual([]);
    await session?.open();
    await peer.restartIce();
    for (const sdp of ['v=0\r\n', 'v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:short\r\n']) {
      const answer = peer.acceptAnswer({ type: 'answer', sdp });
      await expect(answer).rejects.toMatchObject({ code: 'bad-message' });
    }
    await session?.untilMediaArrives();
  });

  it('takes candidates that come before their answer, and none of an earlier generation', async () => {
    const opened = create();
    const { peer } = opened;
    await opened.open();
    const offer = await peer.restartIce();
    const { sdp } = await opened.answer(offer);
    const ufrag = credential(sdp, 'ufrag');
    const own = `candidate:1 1 udp 2113937151 127.0.0.1 ${portOf(sdp)} typ host generation 1`;
    const where = { sdpMid: '0', sdpMLineIndex: 0 };
    await peer.addRemoteCandidate({ ...where, candidate: `${own} ufrag ${ufrag}` });
    const elsewhere = await bind();
    let checks = 0;
    elsewhere.on('message', () => checks++);
    const stale = own.replace(/ \d+ typ/, ` ${elsewhere.address().port} typ`);
    await peer.addRemoteCandidate({ ...where, candidate: `${stale} ufrag gone` });
    const nonsense = peer.addRemoteCandidate({ ...where, candidate: 'candidate:1 1' });
    await expect(nonsense).rejects.toMatchObject({ code: 'bad-message' });
    const bare = sdp.replace(/a=candidate:.*\r\n/g, '');
    await peer.acceptAnswer({ type: 'answer', sdp: bare });
    await peer.addRemoteCandidate({ ...where, candidate: `${stale} ufrag gone` });
    hearOnly(opened, portOf(offer.sdp));
    await opened.untilMediaArrives();
    await peer.addRemoteCandidate({ ...where, candidate: `${stale} ufrag gone` });
    await opened.untilMediaArrives();
    elsewhere.close();
    expect(checks).toBe(0);
  });

  it('sends its candidates after the offer where servers are asked for them', async () => {
    const opened = create({ iceServers: [{ urls: ['stun:127.0.0.1:9'] }] });
    await opened.open();
    const before = opened.journal.count('candidate');
    const offer = await opened.peer.restartIce();
    expect(offer.sdp).not.toContain('a=candidate');
    expect(offer.sdp).not.toContain('a=end-of-candidates');
    while (opened.journal.count('candidate') === before) await countUdpSockets();
    await opened.peer.acceptAnswer(await opened.answer(offer));
    await opened.untilMediaArrives();
  });
});

describe('A path', () => {
  let session: LoopbackSession | undefined;
  let nat: Nat | undefined;
  afterEach(async () => {
    await session?.close();
    nat?.close();
    nat = undefined;
  });

  it('follows the browser behind a NAT that has forgotten it', async () => {
    session = new LoopbackSession();
    const { peer, browser, time, journal } = session;
    const { sdp } = await peer.createOffer();
    nat = await Nat.open(portOf(sdp));
    const through = sdp.replaceAll(` ${portOf(sdp)} typ`, ` ${nat.inside.address().port} typ`);
    const answer = await session.answer({ type: 'offer', sdp: through });
    const bare = answer.sdp.replace(/a=candidate:.*\r\n/g, '');
    await peer.acceptAnswer({ type: 'answer', sdp: bare });
    await journal.until('open control');
    await session.untilMediaArrives();
    await nat.rebind();
    const arrived = session.received.length;
    for (let i = 0; i < 20; i++) peer.sendRtp(session.nextPacket());
    const [ice] = browser.iceTransports;
    const pair = ice?.connection.nominated;
    if (!ice || !pair) throw new Error('the browser has no pair');
    // The browser's next check of the pair it uses, which it makes every few seconds.
    const { connection } = ice as unknown as {
      connection: { checkStart(one: typeof pair): { awaitable: Promise<void> } };
    };
    await connection.checkStart(pair).awaitable;
    expect(session.received).toHaveLength(arrived);
    time.advance(UNTIL_FAILOVER_MS);
    await session.untilMediaArrives();
  });

  it('takes no data and no checks from strangers', async () => {
    session = new LoopbackSession();
    const { peer, rtcp, journal } = session;
    let port = 0;
    await session.open(undefined, (offer) => {
      port = portOf(offer);
      return offer;
    });
    const stranger = await bind();
    let answers = 0;
    stranger.on('message', () => answers++);
    // A binding request with somebody's name on it, without the password.
    const request = Buffer.from(
      `000100102112a442${'00'.repeat(12)}0006000c${Buffer.from('abcd:efghijk').toString('hex')}`,
      'hex',
    );
    const closeAlert = Buffer.from('15fefd00000000000000000002010000', 'hex');
    for (let i = 0; i < 3; i++) {
      for (const datagram of [request, closeAlert, Buffer.from('80c90001000000', 'hex')]) {
        stranger.send(datagram, port, '127.0.0.1');
      }
    }
    session.channels.get('control')?.send('still here');
    await journal.until('control still here');
    await session.untilMediaArrives();
    stranger.close();
    expect(answers).toBe(0);
    expect(rtcp).toEqual([]);
    expect(peer.remoteAddress).toBe('127.0.0.1');
    expect(journal.lines).not.toContain('state closed');
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  SignalingConnection,
  type SignalingListener,
} from '../../../../client/player/connection/signaling-connection.ts';
import { sessionIdSchema } from '../../../../protocol/ids.ts';
import { PROTOCOL_VERSION } from '../../../../protocol/version.ts';
import { FakePlayerEnvironment, SESSION_ID } from '../../../support/fake-player-environment.ts';

const sessionId = sessionIdSchema.parse(SESSION_ID);

function setUp() {
  const fake = new FakePlayerEnvironment();
  const calls: unknown[][] = [];
  const listener: SignalingListener = {
    handleWelcome: (welcome) => calls.push(['welcome', welcome.token]),
    handleSignal: (signal) => calls.push(['signal', signal.attempt]),
    handleSessionEnded: (ended) => calls.push(['ended', ended.reason]),
    handleContainer: (news) => calls.push(['container', news.present]),
    handlePlace: (place) => calls.push(['place', place.position]),
    handleOffer: (offer) => calls.push(['offer', offer.holdMs]),
    handleOfferOver: (ticket) => calls.push(['offer over', ticket.ticketId]),
    handleRefused: (error) => calls.push(['refused', error.code, error.message]),
  };
  const { openSocket, localStorage, scheduler, random } = fake.environment();
  const connection = new SignalingConnection({
    openSocket,
    storage: localStorage,
    scheduler,
    random,
    listener,
  });
  return { fake, connection, calls, socket: fake.socket };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('SignalingConnection', () => {
  it('keeps the guest token and presents it at the next connection', () => {
    const { fake, socket, calls, connection } = setUp();
    expect(socket.hello()).toEqual({ protocol: PROTOCOL_VERSION });
    expect(connection.ready).toBe(false);
    fake.welcome();
    expect(connection.ready).toBe(true);
    expect(calls).toEqual([['welcome', 'guest-token']]);
    expect(socket.hello()).toEqual({ protocol: PROTOCOL_VERSION, token: 'guest-token' });
  });

  it('answers a request with the value of its acknowledgement', async () => {
    const { connection, socket } = setUp();
    const left = connection.request('leave', { sessionId });
    socket.last('leave').accept({});
    await expect(left).resolves.toEqual({});
  });

  it('rejects a request with the error of the server', async () => {
    const { connection, socket } = setUp();
    const left = connection.request('leave', { sessionId });
    socket.last('leave').refuse('unknown-session', 'It is over.');
    await expect(left).rejects.toMatchObject({ code: 'unknown-session', message: 'It is over.' });
  });

  it('rejects a request that is not answered in time', async () => {
    const { connection, socket } = setUp();
    const left = connection.request('leave', { sessionId }, 2000);
    socket.last('leave').lose();
    await expect(left).rejects.toMatchObject({ code: 'timeout' });
    expect(socket.timeouts).toEqual([2000]);
  });

  it.each([[undefined], ['yes'], [{ ok: true }], [{ ok: true, value: { more: 1 } }]])(
    'rejects a request that is answered with %o',
    async (answer) => {
      const { connection, socket } = setUp();
      const left = connection.request('leave', { sessionId });
      socket.last('leave').answer(answer);
      await expect(left).rejects.toMatchObject({ code: 'bad-message' });
    },
  );

  it('takes no message that it does not understand', () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    const { socket, calls } = setUp();
    socket.receive('welcome', { token: 1 });
    socket.receive('signal', null);
    socket.receive('session-ended', { sessionId, reason: 'boredom' });
    expect(calls).toEqual([]);
    expect(error).toHaveBeenCalledTimes(3);
  });

  it('tells a refusal from a server that is out of reach', () => {
    const { socket, calls } = setUp();
    socket.receive('connect_error', new Error('websocket error'));
    expect(calls).toEqual([]);
    socket.receive('refused', { code: 'rate-limited', message: 'Slower.' });
    const data = { code: 'forbidden-origin', message: 'Not from there.' };
    socket.receive('connect_error', Object.assign(new Error('x'), { data }));
    socket.receive('connect_error', Object.assign(new Error('odd'), { data: 'no wire error' }));
    expect(calls).toEqual([
      ['refused', 'rate-limited', 'Slower.'],
      ['refused', 'forbidden-origin', 'Not from there.'],
      ['refused', 'internal', 'odd'],
    ]);
  });

  it('comes back by itself where socket.io does not, with longer and longer pauses', () => {
    const { socket, fake } = setUp();
    socket.active = false;
    expect(socket.connects).toBe(1);
    fake.loseSocket();
    fake.time.advance(750);
    expect(socket.connects).toBe(2);
    fake.loseSocket();
    fake.time.advance(1499);
    expect(socket.connects).toBe(2);
    fake.time.advance(1);
    expect(socket.connects).toBe(3);
  });

  it('leaves reconnecting to socket.io where that does it', () => {
    const { fake, socket } = setUp();
    fake.loseSocket();
    fake.time.advance(60_000);
    expect(socket.connects).toBe(1);
  });

  it('takes a new socket when told to, and waits for a new welcome', () => {
    const { fake, connection, socket } = setUp();
    fake.welcome();
    connection.reconnect();
    expect(socket.connected).toBe(false);
    expect(socket.connects).toBe(2);
    expect(connection.ready).toBe(false);
    expect(fake.time.pendingTimers).toBe(0);
    fake.welcome();
    expect(connection.ready).toBe(true);
    connection.close();
    connection.reconnect();
    expect(socket.connects).toBe(2);
  });

  it('is silent once closed', () => {
    const { connection, socket, fake, calls } = setUp();
    socket.active = false;
    connection.close();
    fake.loseSocket();
    fake.welcome();
    socket.receive('connect_error', Object.assign(new Error('x'), { data: {} }));
    fake.time.advance(60_000);
    expect(calls).toEqual([]);
    expect(socket.connects).toBe(1);
    expect(fake.time.pendingTimers).toBe(0);
  });
});

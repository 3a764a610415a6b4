import { describe, expect, it } from 'vitest';
import type {
  SharedStreamListener,
  StreamConnectionListener,
  ViewerOrder,
} from '../../../server/session/stream-connection.ts';
import { TriedStream } from '../../../server/session/tried-stream.ts';
import { FakeSharedStream } from '../../support/fake-stream-connection.ts';

const SHAPE = {
  resolution: { width: 512, height: 288 },
  frameRate: 60,
  maxBitrateBps: 2_000_000,
  codec: 'auto',
} as const;
const CANDIDATE = {
  kind: 'candidate',
  candidate: { candidate: 'a', sdpMid: '0', sdpMLineIndex: 0 },
} as const;
const ORDER = {
  type: 'connect',
  attempt: 0,
  settings: { resolution: 'auto', frameRate: 60, maxBitrateBps: 8_000_000, codec: 'auto' },
  codecs: ['h264'],
  iceServers: [],
  relayOnly: false,
} as const;
const OWNER: ViewerOrder = { codecs: ['h264'], iceServers: [], relayOnly: false, role: 'owner' };

/** A listener that notes what it is told. */
function noting<T extends object>(told: string[]): T {
  return new Proxy({} as T, { get: (_target, name) => () => told.push(String(name)) });
}

function open() {
  const signals: unknown[] = [];
  let stream: FakeSharedStream | undefined;
  const tried = new TriedStream(
    (listener) => {
      stream = new FakeSharedStream(SHAPE, listener);
      return stream;
    },
    { ...ORDER, codecs: [...ORDER.codecs], iceServers: [] },
    (payload) => signals.push(payload),
  );
  const connection = stream?.connections[0];
  if (!stream || !connection) throw new Error('no connection was made');
  return { tried, stream, connection, signals };
}

describe('a stream that is tried', () => {
  it('offers its player a connection and opens none', () => {
    const { connection, signals, tried } = open();
    expect(connection.order.role).toBe('owner');
    expect([connection.offered, connection.opened]).toEqual([true, false]);
    connection.listener.handleSignal(CANDIDATE);
    expect(signals).toEqual([CANDIDATE]);
    tried.handleSignal(CANDIDATE);
    expect(connection.signals).toEqual([CANDIDATE]);
  });

  it('is the session’s own once that takes it, with its connection', () => {
    const { stream, connection, signals, tried } = open();
    const told: string[] = [];
    tried.take(noting<SharedStreamListener>(told));
    expect(tried.connect(OWNER, noting<StreamConnectionListener>(told))).toBe(connection);
    connection.listener.handleSignal(CANDIDATE);
    connection.listener.handleState('connected');
    connection.listener.handleControlOpen();
    stream.listener.handlePictureWanted();
    expect(told).toEqual([
      'handleSignal',
      'handleState',
      'handleControlOpen',
      'handlePictureWanted',
    ]);
    expect(signals).toEqual([]);
  });

  it('makes another connection for a guest, and for a player who comes back', () => {
    const { connection, tried } = open();
    const guest = tried.connect({ ...OWNER, role: 'player' }, noting([]));
    expect(guest).not.toBe(connection);
    expect(tried.connect(OWNER, noting([]))).toBe(connection);
    expect(tried.connect(OWNER, noting([]))).not.toBe(connection);
  });

  it('is closed with its connection where no session comes', async () => {
    const { stream, connection, tried } = open();
    await tried.close();
    expect([connection.closed, stream.closed]).toEqual([true, true]);
  });
});

import { io, type Socket } from 'socket.io-client';
import { type WireError, wireErrorSchema } from '../../protocol/errors.ts';
import {
  ackSchema,
  PLAYER_NAMESPACE,
  type PlayerWelcome,
  type PlayGrant,
  type PlayRequest,
  playerWelcomeSchema,
  playGrantSchema,
} from '../../protocol/player-messages.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

/** A player's socket without a page behind it: says whatever it is told to say. */
export class RawPlayer {
  readonly socket: Socket;
  readonly welcome: PlayerWelcome;

  private constructor(socket: Socket, welcome: PlayerWelcome) {
    this.socket = socket;
    this.welcome = welcome;
  }

  /** @param token a guest identity to claim. */
  static async connect(url: string, token?: string): Promise<RawPlayer> {
    const socket = rawSocket(url, PLAYER_NAMESPACE, {
      protocol: PROTOCOL_VERSION,
      ...(token === undefined ? {} : { token }),
    });
    const welcome = new Promise<unknown>((resolve) => socket.once('welcome', resolve));
    socket.connect();
    return new RawPlayer(socket, playerWelcomeSchema.parse(await welcome));
  }

  /** A session, or the error instead of one. */
  async play(resume?: PlayRequest['resume']): Promise<PlayGrant> {
    const answer = await this.socket.emitWithAck('play', {
      gameId: 'calibration',
      settings: DEFAULT_STREAM_SETTINGS,
      codecs: ['h264'],
      ...(resume ? { resume } : {}),
    });
    return playGrantSchema.parse(answer.value?.grant);
  }

  /** The error that a request is answered with; throws where it is granted. */
  async refusal(event: string, ...payload: unknown[]): Promise<WireError> {
    const answer: unknown = await this.socket.emitWithAck(event, ...payload);
    const ack = ackSchema.parse(answer);
    if (ack.ok) throw new Error(`"${event}" was granted`);
    return ack.error;
  }

  close(): void {
    this.socket.disconnect();
  }
}

/** Not connected yet; its origin is that of the server's own pages. */
export function rawSocket(url: string, namespace: string, auth: object, origin = url): Socket {
  return io(`${url}${namespace}`, {
    transports: ['websocket'],
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    auth,
    extraHeaders: { origin },
  });
}

/** Why a handshake is refused, as the server words it. */
export async function handshakeRefusal(socket: Socket): Promise<WireError | string> {
  const error = await new Promise<Error & { data?: unknown }>((resolve, reject) => {
    socket.once('connect_error', resolve);
    socket.once('connect', () => reject(new Error('the handshake was accepted')));
    socket.connect();
  });
  socket.disconnect();
  const told = wireErrorSchema.safeParse(error.data);
  return told.success ? told.data : error.message;
}

import { io, type Socket } from 'socket.io-client';
import type { ChooseRequest } from '../../protocol/path-trial.ts';
import {
  type Ack,
  type Choice,
  type Empty,
  type Offer,
  PLAYER_NAMESPACE,
  type Place,
  type PlayAnswer,
  type PlayerHello,
  type PlayerWelcome,
  type PlayGrant,
  type PlayRequest,
  type SessionEnded,
  type TicketRequest,
} from '../../protocol/player-messages.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { Inbox } from './inbox.ts';

export function fakePlayRequest(overrides: Partial<PlayRequest> = {}): PlayRequest {
  return {
    gameId: 'skimmer',
    settings: DEFAULT_STREAM_SETTINGS,
    codecs: ['h264', 'vp8'],
    ...overrides,
  };
}

/** A browser's socket without a browser behind it. */
export class FakePlayer {
  readonly signals = new Inbox<SessionSignal>();
  readonly ended = new Inbox<SessionEnded>();
  readonly places = new Inbox<Place>();
  readonly offers = new Inbox<Offer>();
  readonly offersOver = new Inbox<TicketRequest>();
  readonly containers = new Inbox<{ sessionId: string; present: boolean }>();
  readonly disconnected: Promise<string>;
  readonly socket: Socket;
  readonly #welcomes = new Inbox<PlayerWelcome>();

  constructor(
    url: string,
    hello: Partial<PlayerHello> | Record<string, unknown> = {},
    headers: Record<string, string> = { origin: url },
  ) {
    this.socket = io(url + PLAYER_NAMESPACE, {
      transports: ['websocket'],
      auth: { protocol: PROTOCOL_VERSION, ...hello },
      forceNew: true,
      reconnection: false,
      extraHeaders: headers,
    });
    this.disconnected = new Promise((resolve) => this.socket.once('disconnect', resolve));
    this.socket.on('welcome', (welcome: PlayerWelcome) => this.#welcomes.put(welcome));
    this.socket.on('signal', (signal: SessionSignal) => this.signals.put(signal));
    this.socket.on('session-ended', (ended: SessionEnded) => this.ended.put(ended));
    this.socket.on('place', (place: Place) => this.places.put(place));
    this.socket.on('offer', (offer: Offer) => this.offers.put(offer));
    this.socket.on('offer-over', (ticket: TicketRequest) => this.offersOver.put(ticket));
    this.socket.on('container', (news: { sessionId: string; present: boolean }) =>
      this.containers.put(news),
    );
  }

  /** Resolves when welcomed, rejects with what the handshake was refused with. */
  welcome(): Promise<PlayerWelcome> {
    const refused = new Promise<never>((_resolve, reject) => {
      this.socket.once('connect_error', reject);
    });
    return Promise.race([this.#welcomes.next(), refused]);
  }

  play(request: Partial<PlayRequest> = {}): Promise<Ack<PlayAnswer>> {
    return this.socket.timeout(15_000).emitWithAck('play', fakePlayRequest(request));
  }

  /** Plays and gives the grant. */
  async mustPlay(request: Partial<PlayRequest> = {}): Promise<PlayGrant> {
    const answer = await this.play(request);
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
    if (answer.value.kind !== 'granted') throw new Error('a place in the line, and no game');
    return answer.value.grant;
  }

  /** Plays and gives the containers that are to be measured before. */
  async mustMeasure(
    request: Partial<PlayRequest> = {},
  ): Promise<Extract<PlayAnswer, { kind: 'measure' }>['candidates']> {
    const answer = await this.play({ mayMeasure: true, ...request });
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
    if (answer.value.kind !== 'measure')
      throw new Error(`${answer.value.kind}, nothing to measure`);
    return answer.value.candidates;
  }

  /** Tells what was measured. */
  choose(paths: ChooseRequest['paths']): Promise<Ack<Choice>> {
    return this.socket.timeout(15_000).emitWithAck('choose', { paths });
  }

  /** Tells what was measured and gives the grant. */
  async mustChoose(paths: ChooseRequest['paths']): Promise<PlayGrant> {
    const answer = await this.choose(paths);
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
    if (answer.value.kind !== 'granted') throw new Error('a place in the line, and no game');
    return answer.value.grant;
  }

  /** Plays and gives the place in the line. */
  async mustWait(
    request: Partial<PlayRequest> = {},
  ): Promise<Extract<PlayAnswer, { kind: 'waiting' }>> {
    const answer = await this.play(request);
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
    if (answer.value.kind !== 'waiting') throw new Error('a game, and no place in the line');
    return answer.value;
  }

  /** Sends anything and gives what came back. */
  request(event: string, ...args: unknown[]): Promise<Ack<Empty>> {
    return this.socket.timeout(15_000).emitWithAck(event, ...args);
  }

  close(): void {
    this.socket.disconnect();
  }
}

import type { PlayerEnvironment } from '../../client/player/player-environment.ts';
import { PLAYER_NAMESPACE } from '../../protocol/player-messages.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { BrowserTime } from './browser-time.ts';
import { animationFrames, FakeAudio, FakeDocument, FakeStorage } from './fake-page.ts';
import { FakePlayerPeer } from './fake-player-peer.ts';
import { FakeSignalingSocket } from './fake-signaling-socket.ts';

export const PLAYER_ID = '11111111-1111-4111-8111-111111111111';
export const SESSION_ID = '22222222-2222-4222-8222-222222222222';
export const CONTAINER_ID = '33333333-3333-4333-8333-333333333333';

/** A browser for a player, with the far ends of its socket and its peers in the test's hands. */
export class FakePlayerEnvironment {
  readonly time = new BrowserTime();
  readonly window = new EventTarget();
  readonly document = new FakeDocument();
  readonly localStorage = new FakeStorage();
  readonly sessionStorage = new FakeStorage();
  readonly sockets: FakeSignalingSocket[] = [];
  readonly peers: FakePlayerPeer[] = [];
  readonly audio = new FakeAudio();
  gamepads: (Gamepad | null)[] = [];
  keyboardLocks = 0;
  /** Epoch milliseconds. */
  wallClockMs = 1_800_000_000_000;
  networkKind = 'wifi';
  peersAnswerPings = true;
  readonly #networkListeners = new Set<() => void>();

  environment(overrides: Partial<PlayerEnvironment> = {}): PlayerEnvironment {
    return {
      window: this.window,
      document: this.document,
      scheduler: this.time,
      random: () => 0.5,
      wallClockMs: () => this.wallClockMs,
      networkKind: () => this.networkKind,
      browser: { family: 'firefox', major: 153 },
      localStorage: this.localStorage,
      sessionStorage: this.sessionStorage,
      openSocket: (hello) => {
        const socket = new FakeSignalingSocket(hello);
        this.sockets.push(socket);
        return socket;
      },
      openPeer: (_iceServers, listener) => {
        const peer = new FakePlayerPeer(listener, this.peersAnswerPings);
        this.peers.push(peer);
        return peer;
      },
      codecs: () => ['h264', 'vp8'],
      decodingInfo: undefined,
      onNetworkChange: (handleChange) => {
        this.#networkListeners.add(handleChange);
        return () => this.#networkListeners.delete(handleChange);
      },
      createAudio: () => this.audio.asAudio(),
      getGamepads: () => this.gamepads,
      onAnimationFrame: animationFrames(this.time),
      keyboard: {
        lock: async () => {
          this.keyboardLocks++;
        },
        unlock: () => {
          this.keyboardLocks--;
        },
      },
      vibrate: undefined,
      ...overrides,
    };
  }

  get socket(): FakeSignalingSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error(`nothing connected to ${PLAYER_NAMESPACE}`);
    return socket;
  }

  get peer(): FakePlayerPeer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error('no peer connection was opened');
    return peer;
  }

  /** The socket is there, and signaling greets. */
  welcome(): void {
    this.socket.connected = true;
    this.socket.receive('welcome', {
      protocol: PROTOCOL_VERSION,
      playerId: PLAYER_ID,
      token: 'guest-token',
      iceServers: [],
    });
  }

  /** The machine is on another network. */
  changeNetwork(): void {
    for (const handleChange of this.#networkListeners) handleChange();
  }

  /** The socket is gone; it will come back by itself. */
  loseSocket(): void {
    this.socket.connected = false;
    this.socket.receive('disconnect', 'transport close');
  }
}

/** An answer to `play`. */
export function grant(fields: object = {}): object {
  return {
    sessionId: SESSION_ID,
    resumeToken: 'resume-token',
    containerId: CONTAINER_ID,
    containerName: 'attic',
    resumed: false,
    attempt: 0,
    ...fields,
  };
}

/** The answer to `play` that grants a session. */
export function granted(fields: object = {}): object {
  return { kind: 'granted', grant: grant(fields) };
}

/** Lets everything that waits on promises go on; virtual time stands still. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

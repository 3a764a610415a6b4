import { vi } from 'vitest';
import { Player } from '../../client/player/player.ts';
import type { PlayerEnvironment } from '../../client/player/player-environment.ts';
import type { PlayerSnapshot } from '../../client/player/player-snapshot.ts';
import type { WorkerControl } from '../../protocol/control-messages.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { FakeElement, FakeVideo } from './fake-page.ts';
import { FakePlayerEnvironment, granted, SESSION_ID, settle } from './fake-player-environment.ts';

class FakeMediaStream {
  readonly tracks: readonly unknown[];
  constructor(tracks: readonly unknown[]) {
    this.tracks = tracks;
  }
}

/** The receiving end of a stream; muted until its first packet. */
export class FakeTrack extends EventTarget {
  readonly kind: string;
  muted = true;
  constructor(kind: string) {
    super();
    this.kind = kind;
  }
  unmute(): void {
    this.muted = false;
    this.dispatchEvent(new Event('unmute'));
  }
  asTrack(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

/** How a worker begins. */
export const HELLO: Extract<WorkerControl, { type: 'hello' }> = {
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  game: {
    id: 'skimmer',
    title: 'Skimmer',
    summary: '',
    inputs: ['keyboard'],
    players: 1,
    diagnostic: false,
    pointerLock: false,
    controls: [],
    touchButtons: [],
  },
  codec: 'h264',
  encoder: 'libx264',
  resolution: { width: 1280, height: 720 },
  frameRate: 60,
  bitrateBps: 12_000_000,
  sent: { width: 1280, height: 720, frameRate: 60 },
  resumed: false,
};

export const RESUME = { sessionId: SESSION_ID, resumeToken: 'resume-token' };

/**
 * A player with the far ends of everything in the test's hands. To be called in a test.
 * @param invite of a link, where it is a guest.
 */
export function setUpPlayer(
  overrides: Partial<PlayerEnvironment> = {},
  fake = new FakePlayerEnvironment(),
  invite?: string,
) {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  const video = new FakeVideo();
  const stage = new FakeElement();
  const player = new Player(
    {
      gameId: 'skimmer',
      ...(invite === undefined ? {} : { invite }),
      settings: DEFAULT_STREAM_SETTINGS,
      video: video.asVideo(),
      inputTarget: stage.asElement(),
    },
    fake.environment(overrides),
  );
  const states: string[] = [];
  player.subscribe(({ state }) => {
    const label = state.name === 'connecting' ? state.step : state.name;
    if (states.at(-1) !== label) states.push(label);
  });
  /** The worker connects and its first frame is shown. */
  const connect = async () => {
    const track = new FakeTrack('video');
    fake.peer.listener.handleTrack(track.asTrack());
    fake.peer.open();
    fake.peer.say(HELLO);
    track.unmute();
    video.dispatchEvent(new Event('loadeddata'));
    await settle();
  };
  const pair = async (fields: object = {}) => {
    fake.welcome();
    await settle();
    fake.socket.last('play').accept(granted(fields));
    await settle();
  };
  const stream = async () => {
    const started = player.play();
    await pair();
    await connect();
    await started;
  };
  return { fake, video, stage, player, states, connect, pair, stream };
}

export function stateOf(player: Player): PlayerSnapshot['state'] {
  return player.snapshot.state;
}

import { type BrowserKind, browserKindOf } from '../../protocol/browser-kind.ts';
import type { IceServer } from '../../protocol/session-signal.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import { type NetworkInformation, watchNetwork } from './connection/network-changes.ts';
import { type OpenSocket, openBrowserSocket } from './connection/signaling-socket.ts';
import type { InputSurroundings } from './input/player-input.ts';
import { PeerSession } from './media/peer-session.ts';
import type { OpenPeer } from './media/player-peer.ts';
import { receivableCodecs } from './media/receivable-codecs.ts';
import type { DecodingInfo } from './media/smooth-codecs.ts';
import { browserScheduler } from './scheduler.ts';

type KeptStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Everything a player takes from its browser. */
export interface PlayerEnvironment extends InputSurroundings {
  /** 0 to 1. */
  readonly random: () => number;
  /** Epoch milliseconds: what is remembered outlives the page. */
  readonly wallClockMs: () => number;
  /** What kind of network this machine is on; empty where the browser does not tell. */
  readonly networkKind: () => string;
  /** What this is. */
  readonly browser: BrowserKind;
  readonly localStorage: KeptStorage;
  readonly sessionStorage: KeptStorage;
  readonly openSocket: OpenSocket;
  /** Undefined where there is no WebRTC. */
  readonly openPeer: OpenPeer | undefined;
  /** What can be received, best first. */
  readonly codecs: () => VideoCodec[];
  /** Undefined where the browser does not tell what it decodes well. */
  readonly decodingInfo: DecodingInfo | undefined;
  /** Has `handleChange` called when this machine got another network; returns what ends that. */
  readonly onNetworkChange: (handleChange: () => void) => () => void;
  readonly createAudio: () => HTMLAudioElement;
}

type KeyboardLock = NonNullable<InputSurroundings['keyboard']>;

/** Not every browser has these, and none has all of them on every page. */
type BrowserNavigator = Omit<Navigator, 'mediaCapabilities'> & {
  readonly keyboard?: KeyboardLock;
  readonly connection?: NetworkInformation;
  readonly mediaCapabilities?: MediaCapabilities;
};

/** The browser's type knows no field that is there and undefined. */
function browserIceServer({ urls, username, credential }: IceServer): RTCIceServer {
  return {
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  };
}

export function browserEnvironment(): PlayerEnvironment {
  const { keyboard, connection, mediaCapabilities } = navigator as BrowserNavigator;
  const openPeer: OpenPeer = ({ iceServers, relayOnly }, listener) =>
    new PeerSession(
      new RTCPeerConnection({
        bundlePolicy: 'max-bundle',
        iceServers: iceServers.map(browserIceServer),
        iceTransportPolicy: relayOnly ? 'relay' : 'all',
      }),
      listener,
    );
  return {
    window,
    document,
    scheduler: browserScheduler,
    random: () => Math.random(),
    wallClockMs: () => Date.now(),
    networkKind: () => connection?.type ?? '',
    browser: browserKindOf(navigator.userAgent),
    localStorage,
    sessionStorage,
    openSocket: openBrowserSocket,
    openPeer: 'RTCPeerConnection' in globalThis ? openPeer : undefined,
    codecs: () =>
      'RTCRtpReceiver' in globalThis
        ? receivableCodecs(RTCRtpReceiver.getCapabilities('video')?.codecs ?? [])
        : [],
    decodingInfo: mediaCapabilities && ((asked) => mediaCapabilities.decodingInfo(asked)),
    onNetworkChange: (handleChange) =>
      watchNetwork(window, connection, browserScheduler, handleChange),
    createAudio: () => new Audio(),
    getGamepads: () => navigator.getGamepads(),
    onAnimationFrame: (task) => {
      const handle = requestAnimationFrame(task);
      return () => cancelAnimationFrame(handle);
    },
    keyboard,
    vibrate:
      'vibrate' in navigator ? (durationMs) => void navigator.vibrate(durationMs) : undefined,
  };
}

import '../../client/player/zod-without-eval.ts';

import { followConnections } from '../../gate/page/opened-connections.ts';
import { parseWorkerControl, type WorkerControl } from '../../protocol/control-messages.ts';
import { decodeFrameMessage, type FrameReport } from '../../protocol/frame-messages.ts';

export type Health = Extract<WorkerControl, { type: 'health' }>;

/** The way from a click to the first picture; `performance.now()` times, undefined while ahead. */
export interface StartMarks {
  clickMs?: number;
  /** The socket to signaling is open. */
  socketMs?: number;
  /** Paired: the player makes its peer connection. */
  peerMs?: number;
  /** The worker's offer was applied. */
  offerMs?: number;
  answerMs?: number;
  /** A pair of addresses works. */
  iceMs?: number;
  /** DTLS is done too. */
  connectedMs?: number;
  /** The last packet of the first picture arrived. */
  receivedMs?: number;
  /** The browser handed the first picture to its compositor. */
  presentedMs?: number;
  /** The page was told that the first picture is shown. */
  shownMs?: number;
}

export interface ShownFrame {
  readonly shownMs: number;
  readonly width: number;
  readonly height: number;
}

/** Watches one page from outside the player: its start, its frames, what its worker says. */
class SessionProbe {
  marks: StartMarks = {};
  health: Health[] = [];
  frames: ShownFrame[] = [];
  reports: FrameReport[] = [];

  constructor() {
    addEventListener(
      'click',
      (event) => {
        this.marks = { clickMs: event.timeStamp };
        this.health = [];
        this.frames = [];
        this.reports = [];
      },
      { capture: true },
    );
    this.#watchSockets();
    this.#watchConnections();
    new MutationObserver(() => this.#watchVideo()).observe(document, {
      childList: true,
      subtree: true,
    });
  }

  #mark(name: keyof StartMarks): void {
    this.marks[name] ??= performance.now();
  }

  #watchSockets(): void {
    const handleOpen = () => this.#mark('socketMs');
    window.WebSocket = class extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        this.addEventListener('open', handleOpen);
      }
    };
  }

  #watchConnections(): void {
    const handleControl = ({ data }: MessageEvent<string>) => {
      const message = parseWorkerControl(data);
      if (message.type === 'health') this.health.push(message);
    };
    const handleFrames = ({ data }: MessageEvent<ArrayBuffer>) => {
      const message = decodeFrameMessage(new Uint8Array(data));
      if (message.type === 'frame') this.reports.push(message);
    };
    followConnections((connection) => {
      this.#mark('peerMs');
      connection.addEventListener('signalingstatechange', () => {
        this.#mark(connection.signalingState === 'stable' ? 'answerMs' : 'offerMs');
      });
      connection.addEventListener('iceconnectionstatechange', () => {
        if (connection.iceConnectionState === 'connected') this.#mark('iceMs');
      });
      connection.addEventListener('connectionstatechange', () => {
        if (connection.connectionState === 'connected') this.#mark('connectedMs');
      });
      connection.addEventListener('datachannel', ({ channel }) => {
        if (channel.label === 'control') channel.addEventListener('message', handleControl);
        if (channel.label === 'frames') channel.addEventListener('message', handleFrames);
      });
    });
  }

  readonly #watched = new WeakSet<HTMLVideoElement>();

  #watchVideo(): void {
    const video = document.querySelector('video');
    if (!video || this.#watched.has(video)) return;
    this.#watched.add(video);
    const follow: VideoFrameRequestCallback = (
      _now,
      { receiveTime, presentationTime, ...rest },
    ) => {
      const shownMs = performance.now();
      video.requestVideoFrameCallback(follow);
      if (this.marks.shownMs === undefined) {
        this.marks = { ...this.marks, presentedMs: presentationTime, shownMs };
        if (receiveTime !== undefined) this.marks.receivedMs = receiveTime;
      }
      this.frames.push({ shownMs, width: rest.width, height: rest.height });
    };
    video.requestVideoFrameCallback(follow);
  }
}

declare global {
  interface Window {
    sessionProbe?: SessionProbe;
  }
}

window.sessionProbe = new SessionProbe();

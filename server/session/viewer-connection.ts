import type { BrowserControl, WorkerControl } from '../../protocol/control-messages.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { encodeFrameMessage } from '../../protocol/frame-messages.ts';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { SessionDescription, SessionSignal } from '../../protocol/session-signal.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import { AppliedInputs } from '../../renderer/desktop/applied-inputs.ts';
import type { EncodedAudio } from '../encode/audio-pipeline.ts';
import type { EncodedVideo } from '../encode/video-pipeline.ts';
import type { CongestionControl } from '../transport/congestion/congestion-control.ts';
import { MediaSender } from '../transport/media-sender.ts';
import type { Peer, PeerListener, PeerState } from '../transport/peer.ts';
import type { NetworkRate } from '../worker/worker-messages.ts';
import { BrowserMessages } from './browser-messages.ts';
import type { EncodedStream, StreamTotals, StreamViewer } from './encoded-stream.ts';
import type { EventLoopDelay } from './event-loop-delay.ts';
import { frameReport } from './frame-report.ts';
import { GUEST_KEYFRAME_INTERVAL_US } from './guest-keyframes.ts';
import { networkOf } from './network-of.ts';
import type { ViewerRole } from './shared-rate.ts';
import { startRateBps } from './start-rate.ts';
import type {
  StreamConnection,
  StreamConnectionListener,
  ViewerOrder,
  ViewerSecond,
} from './stream-connection.ts';
import { StreamHealth } from './stream-health.ts';

/** A path's rate is worth remembering once the estimate has had time to settle. */
const RATE_SETTLED_US = 10_000_000;

/**
 * The pictures that a guest sees are as large as its player's network allows: one keyframe may take
 * longer over the guest's than until the next is due. Given up each time, none would ever arrive, and
 * nothing would show when the path carries more. It may take almost until the next one can be had.
 */
const GUEST_KEYFRAME_PATIENCE_US = 0.8 * GUEST_KEYFRAME_INTERVAL_US;

export interface ViewerConnectionParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly stream: EncodedStream;
  /** Rates that the networks of the session's player carried before. */
  readonly knownRates: readonly NetworkRate[];
  /** Least and most that the browser may hold a picture back. */
  readonly playoutDelayMs: readonly [number, number];
  readonly eventLoopDelay: EventLoopDelay;
  createPeer(codecs: readonly VideoCodec[], listener: PeerListener): Peer;
  createCongestion(startBitrateBps: number, ceilingBps: number): CongestionControl;
}

/**
 * One who sees a stream, over a connection of their own: packets, their pace and their repair, and
 * input back. What their network does not carry is their loss alone, unless they play.
 */
export class ViewerConnection implements StreamConnection, StreamViewer {
  readonly role: ViewerRole;
  readonly #parts: ViewerConnectionParts;
  readonly #listener: StreamConnectionListener;
  readonly #stream: EncodedStream;
  readonly #peer: Peer;
  readonly #messages: BrowserMessages;
  readonly #health: StreamHealth;
  /** What had been made before this connection. */
  readonly #before: StreamTotals;
  /** Of a guest: frames name the last input of the session's player, and reports the viewer's own. */
  readonly #applied: AppliedInputs | undefined;
  /** Made when there is a path to send on: how fast to begin depends on whose it is. */
  #sender: MediaSender | undefined;
  #visible = true;
  #restarting = false;
  #connectedUs = 0;
  #made = 0;
  #droppedBefore = 0;
  #offered: Promise<void> | undefined;
  /** What has come of an offer that is not opened yet; undefined where everything is told at once. */
  #waiting: { state: PeerState; controlOpen: boolean } | undefined;
  #closing: Promise<void> | undefined;

  /** @throws RockpoolError `no-common-codec`. */
  constructor(
    parts: ViewerConnectionParts,
    { role, codecs: receivable }: ViewerOrder,
    listener: StreamConnectionListener,
  ) {
    this.role = role;
    this.#parts = parts;
    this.#listener = listener;
    this.#stream = parts.stream;
    const { clock } = parts;
    const codecs = this.#stream.rank(receivable);
    if (role !== 'owner') {
      this.#applied = new AppliedInputs();
      if (!codecs.includes(this.#stream.codec)) throw otherCodec(this.#stream.codec);
    }
    this.#before = this.#stream.counts;
    const { eventLoopDelay } = parts;
    const loop = role === 'owner' ? eventLoopDelay : { takeP99Ms: () => eventLoopDelay.lastP99Ms };
    this.#health = new StreamHealth(clock.nowUs(), loop);
    this.#peer = parts.createPeer(codecs, {
      handleState: (state) => this.#handleState(state),
      handleLocalCandidate: (candidate) => this.#signal({ kind: 'candidate', candidate }),
      handleChannelOpen: (label) => {
        if (label === 'control') this.#handleControlOpen();
      },
      handleMessage: (label, data) => {
        if (!this.#closing) this.#messages.handleMessage(label, data, clock.nowUs());
      },
      handleRtcp: (compound) => this.#sender?.handleRtcp(compound),
    });
    this.#messages = new BrowserMessages({
      handleInput: (input, receivedUs) => {
        // What is refused was dealt with all the same: nobody waits for it.
        if ('seq' in input) this.#applied?.handleApplied(input.seq, receivedUs, receivedUs);
        listener.handleInput(input, receivedUs);
      },
      handlePing: (clientUs, workerUs) =>
        this.#peer.sendMessage('frames', encodeFrameMessage({ type: 'pong', clientUs, workerUs })),
      handleControl: (message) => this.#handleControl(message),
      handleRejected: (error) => this.sendControl({ type: 'error', error: error.toWire() }),
    });
    this.#stream.addViewer(this);
  }

  get wantsVideo(): boolean {
    return this.#visible && (this.role === 'owner' || this.#sender !== undefined);
  }

  get acceptsVideo(): boolean {
    return this.#sender?.acceptsVideo ?? true;
  }

  get fillsPath(): boolean {
    return this.#sender?.fillsPath ?? false;
  }

  get videoBitrateBps(): number | undefined {
    return this.#sender?.videoBitrateBps;
  }

  offer(): void {
    this.#waiting = { state: 'connecting', controlOpen: false };
    this.#offer().catch((error: unknown) => this.#fail(toRockpoolError(error)));
  }

  open(): void {
    const open = async () => {
      await this.#offer();
      this.#catchUp();
      // Behind the offer: while the browser answers, the encoders open.
      await this.#stream.open();
    };
    open().catch((error: unknown) => this.#fail(toRockpoolError(error)));
  }

  handleSignal(payload: SessionSignal['payload']): void {
    this.#applySignal(payload).catch((error: unknown) => this.#messages.reject(error));
  }

  requestKeyframe(): void {
    if (this.role === 'owner') this.#stream.requestKeyframe();
    else this.#stream.requestGuestKeyframe();
  }

  countRefused(): void {
    this.#messages.countRefused();
  }

  handleVideo(video: EncodedVideo): void {
    const sender = this.#sender;
    if (!sender) return;
    if (!this.#visible) {
      sender.handleVideoWithheld();
      return;
    }
    this.#made++;
    if (sender.sendVideo(video)) this.#health.handleVideo(video);
  }

  handleAudio(audio: EncodedAudio): void {
    this.#sender?.sendAudio(audio);
  }

  handleStream(): void {
    const { shape, sentFrameRate, codec } = this.#stream;
    this.#sender?.setCeiling(shape.maxBitrateBps);
    this.#sender?.setFrameRate(sentFrameRate);
    const negotiated = this.#peer.video?.codecs;
    if (this.role !== 'owner' && negotiated?.every((one) => one.codec !== codec)) {
      this.#fail(otherCodec(codec));
      return;
    }
    this.sendControl({ type: 'stream', ...this.#stream.describe() });
  }

  handleStreamFailed(error: RockpoolError): void {
    this.#fail(error);
  }

  sendControl(message: WorkerControl): void {
    this.#peer.sendMessage('control', JSON.stringify(message));
  }

  sendHello(game: GameInfo, resumed: boolean): void {
    this.sendControl({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      game,
      resumed,
      ...this.#stream.describe(),
    });
  }

  reportHealth(): ViewerSecond {
    const { counts } = this.#stream;
    const before = this.#before;
    const { message, cost } = this.#health.take(this.#parts.clock.nowUs(), {
      video: {
        drawnFrames: counts.drawnFrames - before.drawnFrames,
        droppedFrames: counts.droppedFrames - before.droppedFrames,
        skippedFrames: counts.skippedFrames - before.skippedFrames,
      },
      sender: this.#sender,
      rejectedMessages: this.#messages.rejected,
    });
    this.sendControl(message);
    this.#messages.forgive();
    this.#tellRate();
    const { fractionLost = 0, rttMs } = this.#sender?.network ?? {};
    const dropped = this.#sender?.counters.droppedFrames ?? 0;
    const made = this.#made;
    const sent = made - (dropped - this.#droppedBefore);
    this.#made = 0;
    this.#droppedBefore = dropped;
    return { cost: this.#visible ? cost : undefined, made, sent, fractionLost, rttMs };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#tellRate();
    this.#stream.removeViewer(this);
    this.#sender?.close();
    if (this.role === 'owner') this.#parts.eventLoopDelay.stop();
    await this.#peer.close();
  }

  #offer(): Promise<void> {
    this.#offered ??= this.#peer
      .createOffer()
      .then((description) => this.#signal({ kind: 'description', description }));
    return this.#offered;
  }

  /** Tells what came of the offer before it was known that there will be a game. */
  #catchUp(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    this.#handleAnswered();
    if (waiting.controlOpen) this.#handleControlOpen();
    if (waiting.state !== 'connecting') this.#handleState(waiting.state);
  }

  async #applySignal(payload: SessionSignal['payload']): Promise<void> {
    switch (payload.kind) {
      case 'description':
        await this.#peer.acceptAnswer(payload.description);
        if (!this.#waiting) this.#handleAnswered();
        break;
      case 'candidate':
        await this.#peer.addRemoteCandidate(payload.candidate);
        break;
      case 'restart-ice':
        await this.#restartIce();
        break;
    }
  }

  #handleAnswered(): void {
    const accepted = this.#peer.video?.codecs.map(({ codec }) => codec);
    if (!accepted) return;
    if (this.role === 'owner') this.#stream.choose(accepted);
    else if (!accepted.includes(this.#stream.codec)) this.#fail(otherCodec(this.#stream.codec));
  }

  /** The viewer's network changed. One restart at a time: a second wish finds the first under way. */
  async #restartIce(): Promise<void> {
    if (this.#restarting) return;
    this.#restarting = true;
    try {
      const description: SessionDescription = await this.#peer.restartIce();
      this.#signal({ kind: 'description', description });
    } finally {
      this.#restarting = false;
    }
  }

  #handleControlOpen(): void {
    if (this.#waiting) this.#waiting.controlOpen = true;
    else if (!this.#closing) this.#listener.handleControlOpen();
  }

  #handleState(state: PeerState): void {
    if (this.#waiting) this.#waiting.state = state;
    if (this.#closing || this.#waiting) return;
    if (state === 'connected') this.#handleConnected();
    this.#listener.handleState(state);
  }

  /** The first time, or again after a silence. */
  #handleConnected(): void {
    if (this.role === 'owner') this.#parts.eventLoopDelay.start();
    if (this.#sender) return;
    const { clock, scheduler, playoutDelayMs, createCongestion } = this.#parts;
    const { shape, sentFrameRate } = this.#stream;
    this.#connectedUs = clock.nowUs();
    const sender = new MediaSender(
      {
        peer: this.#peer,
        congestion: createCongestion(this.#startBps(), shape.maxBitrateBps),
        clock,
        scheduler,
        random: Math.random,
        cname: 'rockpool',
        playoutDelayMs,
        frameRate: sentFrameRate,
        keyframePatienceUs: this.role === 'owner' ? undefined : GUEST_KEYFRAME_PATIENCE_US,
      },
      {
        handleKeyframeRequest: () => this.requestKeyframe(),
        handleVideoBitrate: () => this.#stream.handleRate(),
        handleFrameSent: (video, sentUs) => this.#reportFrame(video, sentUs),
      },
    );
    this.#sender = sender;
    sender.setCeiling(shape.maxBitrateBps);
    sender.start();
    this.#stream.handleRate();
    this.#stream.handleConnected();
  }

  /** A guest is sent what there is, so that is what their path has to show that it carries. */
  #startBps(): number {
    const { shape, bitrateBps } = this.#stream;
    const knownRates = this.role === 'owner' ? this.#parts.knownRates : [];
    const startBps = startRateBps(this.#peer.remoteAddress, knownRates);
    const wantedBps = this.role === 'owner' ? startBps : Math.max(startBps, bitrateBps);
    return Math.min(wantedBps, shape.maxBitrateBps);
  }

  #reportFrame(video: EncodedVideo, sentUs: number): void {
    const report = frameReport(video, sentUs, this.#applied?.shownAt(video.tickUs));
    this.#peer.sendMessage('frames', encodeFrameMessage(report));
  }

  #handleControl(message: BrowserControl): void {
    if (message.type === 'visibility') this.#setVisible(message.visible);
    else this.#listener.handleControl(message);
  }

  /** Nothing is kept for a hidden page: it goes on with the present picture, whole. */
  #setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.requestKeyframe();
  }

  #tellRate(): void {
    const address = this.#peer.remoteAddress;
    const network = address === undefined ? undefined : networkOf(address);
    const bitrateBps = this.#sender?.network.estimateBps;
    if (network === undefined || bitrateBps === undefined) return;
    if (this.#parts.clock.nowUs() - this.#connectedUs < RATE_SETTLED_US) return;
    this.#listener.handleRate({ network, bitrateBps });
  }

  #signal(payload: SessionSignal['payload']): void {
    if (!this.#closing) this.#listener.handleSignal(payload);
  }

  #fail(error: RockpoolError): void {
    if (!this.#closing) this.#listener.handleFailure(error);
  }
}

/** What a browser is told that does not play what a game is sent as. */
export function otherCodec(codec: VideoCodec): RockpoolError {
  return new RockpoolError(
    'no-common-codec',
    `This game is sent as ${codec.toUpperCase()}, which this browser does not play. Another browser may, or its player can choose another codec.`,
  );
}

import './zod-without-eval.ts';

import type { BrowserControl } from '../../protocol/control-messages.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { ShareRequest } from '../../protocol/guest-messages.ts';
import type { PairingDecision } from '../../protocol/pairing-decision.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { StreamSettings, VideoCodec } from '../../protocol/stream-settings.ts';
import type { Channel } from '../../protocol/studio-builds.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { ControlDesk } from './control-desk.ts';
import { PlayerInput } from './input/player-input.ts';
import type { VirtualPad } from './input/virtual-pad.ts';
import { LatencyRecorder } from './latency/latency-recorder.ts';
import { Pinger } from './latency/pinger.ts';
import type { WatchdogStep } from './media/latency-watchdog.ts';
import { smoothCodecs } from './media/smooth-codecs.ts';
import { SoundOutput } from './media/sound-output.ts';
import { StreamMonitor } from './media/stream-monitor.ts';
import { VideoOutput } from './media/video-output.ts';
import { openFlow } from './open-flow.ts';
import { PageLife } from './page-life.ts';
import type { PlayFlow } from './play-flow.ts';
import { browserEnvironment, type PlayerEnvironment } from './player-environment.ts';
import {
  type LatencySample,
  NO_SESSION,
  type PlayerSnapshot,
  type PlayerState,
} from './player-snapshot.ts';
import { ResumeStore } from './resume-store.ts';
import type { Granted, SessionFlowOptions } from './session-flow-options.ts';
import { WorkerMessages } from './worker-messages.ts';

export interface PlayerOptions {
  readonly gameId: string;
  /** Of a link into somebody's game: this is a visit then, and no game of one's own. */
  readonly invite?: string;
  /** Of a studio's game; left out: what it has live. */
  readonly channel?: Channel;
  readonly settings: StreamSettings;
  /** Where the picture goes; the player owns its `srcObject`. Shown with `object-fit: contain`. */
  readonly video: HTMLVideoElement;
  /**
   * Takes keyboard and pointer for the game: usually the stage around the video. Only events aimed
   * at it or at the video are the game's; controls inside it keep theirs.
   */
  readonly inputTarget: HTMLElement;
  /** 0 to 1; 1 by default. */
  readonly volume?: number;
}

/** Plays one game in one page. */
export class Player {
  readonly #options: PlayerOptions;
  readonly #environment: PlayerEnvironment;
  readonly #listeners = new Set<(snapshot: PlayerSnapshot) => void>();
  readonly #resumeStore: ResumeStore;
  readonly #latency = new LatencyRecorder();
  readonly #received: readonly VideoCodec[];
  readonly #codecs: Promise<readonly VideoCodec[]>;
  readonly #monitor: StreamMonitor;
  readonly #input: PlayerInput;
  readonly #pinger: Pinger;
  readonly #picture: VideoOutput;
  readonly #sound: SoundOutput;
  readonly #messages: WorkerMessages;
  readonly #life: PageLife;
  #snapshot = NO_SESSION;
  #settings: StreamSettings;
  #flow: PlayFlow | undefined;
  #startedMs = 0;
  #inputWanted = true;
  #settled: (() => void)[] = [];

  /** @param environment tests bring their own. */
  constructor(options: PlayerOptions, environment: PlayerEnvironment = browserEnvironment()) {
    this.#options = options;
    this.#environment = environment;
    this.#settings = options.settings;
    const { codecs, decodingInfo, scheduler } = environment;
    this.#received = codecs();
    this.#codecs = smoothCodecs(this.#received, decodingInfo, scheduler);
    this.#resumeStore = new ResumeStore(
      environment.sessionStorage,
      options.channel === undefined ? options.gameId : `${options.gameId}@${options.channel}`,
    );
    this.#input = new PlayerInput(
      {
        target: options.inputTarget,
        video: options.video,
        send: (label, data) => this.#flow?.game.send(label, data) ?? false,
        handleSent: (seq, atMs) => this.#latency.handleInput(seq, atMs),
        handlePads: (pads) => this.#publish({ pads }),
        handlePointerLock: (pointerLocked) => this.#publish({ pointerLocked }),
      },
      environment,
    );
    this.#pinger = new Pinger(scheduler, () => this.#input.ping());
    this.#picture = new VideoOutput(options.video, () => scheduler.now(), {
      handleFirstFrame: () => {
        if (this.#snapshot.progress) this.#publish({ progress: undefined });
        this.#flow?.game.handleFirstFrame();
      },
      handleDisplayed: (frame) => {
        if (this.#snapshot.firstFrameMs === undefined && this.#flow) {
          const shownMs = frame?.shownMs ?? scheduler.now();
          this.#publish({ firstFrameMs: shownMs - this.#startedMs });
        }
        this.#monitor.handleDisplayed(frame);
        if (frame) this.#latency.handleDisplayed(frame);
      },
    });
    this.#monitor = new StreamMonitor({
      scheduler,
      getStats: async () => this.#flow?.game.getStats(),
      tellsFrames: () => this.#picture.tellsFrames,
      rttMs: () => this.#latency.rttMs,
      isWatched: () => !this.#life.hidden && this.#snapshot.state.name === 'streaming',
      handleFigures: () =>
        this.#publish({
          latency: this.#latency.snapshot(scheduler.now()),
          stream: this.#monitor.stream,
        }),
      handleArrival: () => this.#flow?.game.handleArrival(),
      takeStep: (step) => this.#recover(step),
      requestKeyframe: () => this.#control({ type: 'keyframe' }),
      leaveMachine: () => void this.#leaveMachine(),
    });
    this.#sound = new SoundOutput({
      audio: environment.createAudio(),
      window: environment.window,
      handleBlocked: (soundBlocked) => this.#publish({ soundBlocked }),
    });
    this.#sound.setVolume(options.volume ?? 1);
    const desk = new ControlDesk({
      monitor: this.#monitor,
      input: this.#input,
      flow: () => this.#flow,
      publish: (change) => this.#publish(change),
    });
    this.#messages = new WorkerMessages({
      handleFrameMessage: (message) => {
        if (message.type === 'frame') this.#input.handleApplied(message.inputSeq);
        this.#latency.handleMessage(message, scheduler.now());
      },
      handleControl: (message) => desk.handle(message),
    });
    this.#life = new PageLife(environment.window, environment.document, {
      handleLeaving: () => this.#keepSession(),
      handleBack: () => {
        if (this.#flow?.session) this.#resumeStore.take();
      },
      handleVisibility: (visible) => {
        this.#latency.forgetInputs();
        this.#control({ type: 'visibility', visible });
        this.#flow?.game.handleVisibility();
      },
    });
  }

  /** Everything that may be shown; replaced as a whole, never changed. */
  get snapshot(): PlayerSnapshot {
    return this.#snapshot;
  }

  /** Four times a second and at every change of state. Returns what ends it. */
  subscribe(listener: (snapshot: PlayerSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Starts, or after an end starts again. A reloaded page goes on with its session.
   * Resolves when the game streams, or with the state `failed` or `ended`; never rejects.
   */
  play(): Promise<void> {
    const { name } = this.#snapshot.state;
    if (name === 'streaming' || name === 'interrupted') return Promise.resolve();
    const settled = new Promise<void>((resolve) => this.#settled.push(resolve));
    if (name !== 'connecting') this.#start();
    return settled;
  }

  changeSettings(settings: StreamSettings): void {
    this.#settings = settings;
    this.#control({ type: 'settings', settings });
  }

  /** @param volume 0 to 1. */
  setVolume(volume: number): void {
    this.#sound.setVolume(volume);
  }

  /** To be called from a user gesture; the player also does so itself at the next one. */
  enableSound(): Promise<void> {
    return this.#sound.enable();
  }

  /** To be called from a user gesture. Rejects where the browser refuses. */
  requestPointerLock(): Promise<void> {
    return this.#input.requestPointerLock();
  }

  exitPointerLock(): void {
    this.#input.exitPointerLock();
  }

  /** False while a menu or an overlay has the input: everything held is released. */
  setInputEnabled(enabled: boolean): void {
    this.#inputWanted = enabled;
    this.#enableInput(this.#snapshot.state);
  }

  /** The pad on the screen, a gamepad like any other. */
  get virtualPad(): Pick<VirtualPad, 'setStick' | 'setButton' | 'disconnect'> {
    return this.#input.virtualPad;
  }

  /** Takes the place that is offered: see the state `waiting`. */
  async acceptOffer(): Promise<void> {
    await this.#flow?.acceptOffer();
  }

  /** How the machine of this session was chosen. @throws RockpoolError why that cannot be told now. */
  async explain(): Promise<PairingDecision> {
    const decision = await this.#flow?.explain();
    if (decision) return decision;
    throw new RockpoolError('unknown-session', 'No game is on, so no machine was chosen.');
  }

  /**
   * Lets guests in, or what the player asks of those who are: see the snapshot's `sharing`.
   * @returns the token of the link that was asked for.
   * @throws RockpoolError why not.
   */
  async share(request: ShareRequest['request']): Promise<string | undefined> {
    return this.#flow?.share(request);
  }

  /** Ends the session, or the wait for one, for good. Resolves when the server knows, or after two seconds. */
  async leave(): Promise<void> {
    this.#control({ type: 'bye' });
    await this.#flow?.leave();
  }

  /** Lets go of everything without ending the session: the next page of this tab resumes it. */
  close(): void {
    this.#keepSession();
    this.#input.close();
    this.#stopTimers();
    this.#flow?.close();
    this.#flow = undefined;
    this.#picture.close();
    this.#sound.close();
    this.#options.video.srcObject = null;
    this.#life.close();
    this.#listeners.clear();
    this.#settle();
  }

  /** The newest 5000, oldest first. */
  latencySamples(): readonly LatencySample[] {
    return this.#latency.samples();
  }

  #start(): void {
    const { scheduler } = this.#environment;
    const { soundBlocked, pads, pointerLocked } = this.#snapshot;
    this.#snapshot = { ...NO_SESSION, soundBlocked, pads, pointerLocked };
    this.#startedMs = scheduler.now();
    const { gameId, invite, channel } = this.#options;
    const opened = openFlow({
      gameId,
      invite,
      channel,
      environment: this.#environment,
      received: this.#received,
      ...this.#flowOptions(),
      settings: () => this.#settings,
      quality: () =>
        this.#monitor.quality(this.#latency.report(scheduler.now()), this.#environment.browser),
      takeResumable: () => {
        const resume = this.#resumeStore.take();
        if (resume) this.#input.handleNewSession(resume.nextSeq);
        return resume;
      },
    });
    if ('problem' in opened) this.#handleState({ name: 'failed', ...opened });
    else this.#flow = opened;
  }

  #flowOptions(): Pick<SessionFlowOptions, 'codecs' | 'isHidden' | 'listener'> {
    return {
      codecs: this.#codecs,
      isHidden: () => this.#life.hidden,
      listener: {
        handleState: (state) => this.#handleState(state),
        handleGrant: (grant, moved) => this.#handleGrant(grant, moved),
        handleOpen: () => this.#handleOpen(),
        handleRecovered: () => this.#control({ type: 'keyframe' }),
        handleDisconnected: () => this.#handleDisconnected(),
        handleMessage: (label, data) => this.#messages.handleMessage(label, data),
        handleTrack: (track) => {
          if (track.kind === 'video') this.#picture.show(track);
          else this.#sound.play(track);
        },
      },
    };
  }

  #handleState(state: PlayerState): void {
    this.#enableInput(state);
    if (state.name === 'streaming') {
      this.#input.focus();
      this.#settle();
    } else if (state.name === 'ended' || state.name === 'failed') {
      this.#handleDisconnected();
      this.#settle();
    }
    this.#publish({ state });
  }

  /** The game has the input from the very moment it streams, before anybody is told that it does. */
  #enableInput({ name }: PlayerState): void {
    this.#input.setEnabled(this.#inputWanted && name === 'streaming');
  }

  #settle(): void {
    for (const resolve of this.#settled) resolve();
    this.#settled = [];
  }

  #handleGrant({ sessionId, containerName, resumed }: Granted, moved: EndReason | undefined): void {
    if (!resumed) {
      this.#input.handleNewSession(1);
      this.#latency.handleNewSession();
      this.#monitor.handleNewSession();
    }
    this.#latency.reset();
    this.#monitor.handleConnection();
    this.#publish({ sessionId, containerName, resumed, moved });
  }

  #handleOpen(): void {
    this.#control({ type: 'hello', protocol: PROTOCOL_VERSION });
    if (this.#life.hidden) this.#control({ type: 'visibility', visible: false });
    this.#input.handleConnected();
    this.#pinger.start();
    this.#monitor.start();
  }

  #handleDisconnected(): void {
    this.#input.handleDisconnected();
    this.#stopTimers();
  }

  #stopTimers(): void {
    this.#monitor.stop();
    this.#pinger.stop();
  }

  #recover(step: WatchdogStep): boolean {
    switch (step) {
      case 'refresh':
        this.#flow?.game.refreshPlayout();
        return this.#control({ type: 'keyframe' });
      case 'reattach':
        this.#picture.reattach();
        return true;
      case 'reconnect':
        return this.#flow?.game.replacePeer() ?? false;
    }
  }

  async #leaveMachine(): Promise<void> {
    const why = await this.#flow?.leaveMachine();
    if (why) this.#monitor.handleStays(why);
  }

  #control(message: BrowserControl): boolean {
    return this.#flow?.game.send('control', JSON.stringify(message)) ?? false;
  }

  #publish(change: Partial<PlayerSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener(this.#snapshot);
  }

  #keepSession(): void {
    const session = this.#flow?.session;
    if (session) this.#resumeStore.put({ ...session, nextSeq: this.#input.nextSeq });
  }
}

import { availableParallelism } from 'node:os';
import type { BuildManifest } from '../../protocol/build-manifest.ts';
import type { EncoderReport } from '../../protocol/container-messages.ts';
import { type RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { DEFAULT_BITRATE_BPS, VIDEO_CODECS } from '../../protocol/stream-settings.ts';
import type { TryOutFindings } from '../../protocol/try-out-report.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { GameRuntime, RuntimeOptions, RuntimeOutput } from '../../renderer/game-runtime.ts';
import type { SandboxedProgram } from '../../renderer/sandbox/program-order.ts';
import type { EncoderFactory } from '../encode/encoder.ts';
import { type EncodedVideo, VideoPipeline } from '../encode/video-pipeline.ts';
import { rankCodecs } from '../session/codec-choice.ts';
import { FrameFigures } from './frame-figures.ts';
import { playScript, runMsOf, scriptOf } from './input-script.ts';
import { ProgramWatch } from './program-watch.ts';
import { ScreenshotMoments, type TakenPicture } from './screenshot-moments.ts';

/** As in a session: slices of a frame are encoded side by side. */
const ENCODER_THREADS = Math.min(4, availableParallelism());

export interface TryOutRunParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** What this machine encodes, as measured. */
  readonly encoders: readonly EncoderReport[];
  /** By name, in that order. */
  createEncoders(names: readonly string[]): readonly EncoderFactory[];
  /** @param handleProgram told of the program before it starts. */
  createRuntime(handleProgram: (program: SandboxedProgram) => void): GameRuntime;
  /** For those who want to see it. */
  readonly handleVideo?: (video: EncodedVideo) => void;
  /** The build has shown a window. */
  readonly handleShown?: () => void;
}

/** What came of a run, media not yet made of it. */
export interface TryOutRunResult {
  readonly findings: Omit<TryOutFindings, 'screenshots' | 'clip' | 'poster'>;
  readonly pictures: readonly TakenPicture[];
}

/** How a game ended before its time: with an error, or by itself. */
type EarlyEnd = { readonly error: RockpoolError } | 'over';

/**
 * Runs a build as a session does, with nobody watching: the same runtime, the same encoder, and inputs
 * from a script.
 */
export class TryOutRun {
  readonly #manifest: BuildManifest;
  readonly #parts: TryOutRunParts;
  readonly #figures = new FrameFigures();
  readonly #moments = new ScreenshotMoments();
  readonly #pipeline: VideoPipeline;
  readonly #runtime: GameRuntime;
  #endEarly: (end: EarlyEnd) => void = () => undefined;
  readonly #endedEarly = new Promise<EarlyEnd>((resolve) => {
    this.#endEarly = resolve;
  });
  /** The machine's fault, not the build's. */
  #failure: RockpoolError | undefined;
  #watch: ProgramWatch | undefined;
  #encoder: string | null = null;
  #shownUs: number | undefined;
  #firstPictureUs: number | undefined;
  #resolution: { readonly width: number; readonly height: number };

  /** @throws RockpoolError `no-common-codec` where this machine encodes nothing. */
  constructor(manifest: BuildManifest, parts: TryOutRunParts) {
    this.#manifest = manifest;
    this.#parts = parts;
    const { resolution, frameRate } = manifest;
    this.#resolution = resolution;
    this.#pipeline = new VideoPipeline(
      {
        factories: this.#factories(),
        resolution,
        frameRate,
        bitrateBps: DEFAULT_BITRATE_BPS,
        threads: ENCODER_THREADS,
        mayEncode: () => true,
        fillsPath: () => false,
      },
      {
        handleVideo: (video) => {
          this.#figures.handleVideo(video);
          parts.handleVideo?.(video);
        },
        handleEncoder: (name) => {
          this.#encoder = name;
        },
        handleFailure: (error) => this.#fail(error),
      },
      parts.clock,
    );
    this.#runtime = parts.createRuntime((program) => {
      this.#watch = new ProgramWatch(program, () => parts.clock.nowUs(), parts.scheduler);
    });
  }

  /**
   * Resolves when everything that ran is gone.
   * @param signal aborted: the try-out is called off.
   * @throws RockpoolError where this machine cannot run or encode the build; the signal's reason.
   */
  async run(options: RuntimeOptions, signal: AbortSignal): Promise<TryOutRunResult> {
    let problem: string | null = null;
    let exitCode: number | null = null;
    const notes: string[] = [];
    try {
      await this.#pipeline.open();
      problem = await this.#play(options, signal, notes);
      // From here on it ends because it is told to.
      exitCode = this.#watch?.exitCode ?? null;
    } finally {
      this.#watch?.stop();
      await this.#runtime.close();
      await this.#pipeline.close();
    }
    signal.throwIfAborted();
    if (this.#failure) throw this.#failure;
    return {
      findings: {
        ...this.#figuresOfAll(),
        exitCode,
        problem: problem?.slice(0, 2000) ?? null,
        notes,
      },
      pictures: this.#moments.taken,
    };
  }

  /** @returns what kept a player from playing. */
  async #play(
    options: RuntimeOptions,
    signal: AbortSignal,
    notes: string[],
  ): Promise<string | null> {
    const aborted = new Promise<'aborted'>((resolve) => {
      signal.addEventListener('abort', () => resolve('aborted'), { once: true });
    });
    try {
      // A start that is called off ends by the runtime's being closed, which `run` does.
      const started = this.#runtime.start(options, this.#output);
      const first = await Promise.race([started.then(() => 'started' as const), aborted]);
      if (first === 'aborted') {
        started.catch(() => undefined);
        return null;
      }
    } catch (thrown) {
      return this.#problemOfStart(toRockpoolError(thrown, 'game-failed'));
    }
    this.#shownUs = this.#parts.clock.nowUs();
    this.#parts.handleShown?.();
    await this.#watch?.measure();
    const stopScript = playScript(scriptOf(this.#manifest), this.#parts.scheduler, (input) =>
      this.#runtime.handleInput(input, this.#parts.clock.nowUs()),
    );
    let cancel = () => {};
    const time = new Promise<'time'>((resolve) => {
      cancel = this.#parts.scheduler.after(runMsOf(this.#manifest), () => resolve('time'));
    });
    const ended = await Promise.race([time, this.#endedEarly, aborted]);
    cancel();
    stopScript();
    if (ended === 'time' || ended === 'aborted') {
      this.#noteWhatWasSeen(notes);
      return null;
    }
    if (ended !== 'over') return ended.error.message;
    const seconds = (this.#sinceShownMs() / 1000).toFixed(1);
    if (this.#manifest.tryOut) {
      notes.push(`The game ended by itself ${seconds} s after its first window.`);
      return null;
    }
    return `The game ended by itself ${seconds} s after its first window, and a player would be back in the library. If Enter or Space ends it, say with "tryOut" in rockpool.json what to press instead.`;
  }

  /** What went wrong before there was a program is the machine's fault, but for what the build names. */
  #problemOfStart(error: RockpoolError): string | null {
    const isOfBuild = error.code === 'bad-manifest' || error.code === 'missing-package';
    if (this.#watch || isOfBuild) return error.message;
    this.#fail(error);
    return null;
  }

  #noteWhatWasSeen(notes: string[]): void {
    const { droppedFrames } = this.#pipeline;
    const { frames } = this.#figures.describe();
    if (frames > 0 && !this.#moments.showsSomething) {
      notes.push('In all that time the picture was of one colour.');
    }
    if (droppedFrames > frames / 10) {
      notes.push(
        `${droppedFrames} of ${frames} pictures came faster than this machine encodes them.`,
      );
    }
  }

  readonly #output: RuntimeOutput = {
    handleFrame: (frame) => {
      if (this.#shownUs === undefined) this.#shownUs = this.#parts.clock.nowUs();
      this.#figures.handleFrame(frame);
      this.#resolution = { width: frame.width, height: frame.height };
      this.#moments.handlePicture(frame, this.#sinceShownMs());
      if (this.#firstPictureUs === undefined && this.#moments.showsSomething) {
        this.#firstPictureUs = frame.renderedUs;
      }
      this.#pipeline.handleFrame(frame);
    },
    handleSound: () => {},
    handleRumble: () => {},
    handleCursor: () => {},
    handleTrouble: () => {},
    handleFailure: (error) => this.#endEarly({ error }),
    handleOver: () => this.#endEarly('over'),
  };

  #sinceShownMs(): number {
    const nowUs = this.#parts.clock.nowUs();
    return Math.round((nowUs - (this.#shownUs ?? nowUs)) / 1000);
  }

  #fail(error: RockpoolError): void {
    this.#failure ??= error;
    this.#endEarly({ error });
  }

  #factories(): readonly EncoderFactory[] {
    const { encoders, createEncoders } = this.#parts;
    const { resolution, frameRate } = this.#manifest;
    const [codec] = rankCodecs({
      receivable: VIDEO_CODECS.filter((one) => one === 'h264' || one === 'vp8'),
      encoders,
      wanted: 'auto',
      pixelsPerSecond: resolution.width * resolution.height * frameRate,
    });
    const able = encoders.filter((encoder) => encoder.codec === codec);
    return createEncoders(able.map(({ name }) => name));
  }

  #figuresOfAll(): Omit<TryOutRunResult['findings'], 'exitCode' | 'problem' | 'notes'> {
    const startedUs = this.#watch?.startedUs;
    const sinceStart = (atUs: number | undefined) =>
      atUs === undefined || startedUs === undefined ? null : Math.round((atUs - startedUs) / 1000);
    return {
      ...this.#figures.describe(),
      bootMs: sinceStart(this.#shownUs),
      firstFrameMs: sinceStart(this.#firstPictureUs),
      encoder: this.#encoder,
      resolution: this.#shownUs === undefined ? null : this.#resolution,
      ...(this.#watch?.cost ?? { cpus: null, memoryBytes: null }),
      log: this.#watch?.log ?? [],
    };
  }
}

import { type RockpoolError, toRockpoolError } from '../protocol/errors.ts';
import type { Resolution } from '../protocol/stream-settings.ts';
import type { GameHost } from './built-in-game.ts';
import { type Clock, type Scheduler, systemClock, systemScheduler } from './clock.ts';
import { FrameLoop } from './frame-loop.ts';
import {
  type GameInput,
  type GameRuntime,
  isEdge,
  type RuntimeOptions,
  type RuntimeOutput,
} from './game-runtime.ts';
import { InputTracker } from './input-state.ts';
import type { OpenPainter, Painter, Picture } from './painter.ts';
import { SoundLoop } from './sound-loop.ts';

/** A longer pause than this is not made up for by the game, in seconds. */
const MAX_DT_S = 0.1;

export interface RuntimeTime {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

export const systemTime: RuntimeTime = { clock: systemClock, scheduler: systemScheduler };

/**
 * Runs a game written for Rockpool, whatever paints it: ticks and sound on their loops, inputs
 * applied before the next tick. A game that throws ends the session with `game-failed`.
 *
 * Closed while it starts, `start` resolves and no frame follows.
 */
export class BuiltInRuntime implements GameRuntime {
  readonly #openPainter: OpenPainter;
  readonly #time: RuntimeTime;
  readonly #input = new InputTracker();
  #stage: Stage | undefined;
  #starting: Promise<void> | undefined;
  #reshaping: Promise<void> = Promise.resolve();
  #suspended = false;
  #closed = false;
  #inputSeq = 0;
  #inputReceivedUs = 0;

  constructor(openPainter: OpenPainter, time: RuntimeTime = systemTime) {
    this.#openPainter = openPainter;
    this.#time = time;
  }

  async start(options: RuntimeOptions, output: RuntimeOutput): Promise<void> {
    this.#starting = this.#open(options, output);
    await this.#starting;
  }

  handleInput(input: GameInput, receivedUs: number): void {
    if (this.#closed) return;
    this.#input.apply(input);
    if ('seq' in input) {
      this.#inputSeq = input.seq;
      this.#inputReceivedUs = receivedUs;
    }
    if (isEdge(input)) this.#stage?.frameLoop.requestEarlyTick();
  }

  /** Changes follow one another; the last one asked for is the one that stays. */
  reshape(resolution: Resolution, frameRate: number): Promise<void> {
    const change = this.#reshaping.then(async () => {
      const stage = this.#stage;
      if (!stage) return;
      await stage.painter.resize(resolution);
      stage.frameLoop.setFrameRate(frameRate);
      stage.frameLoop.handleReady();
    });
    this.#reshaping = change.catch(() => undefined);
    return change;
  }

  setSuspended(suspended: boolean): void {
    this.#suspended = suspended;
    const stage = this.#stage;
    if (!stage) return;
    if (suspended) stage.stop();
    else stage.start();
  }

  requestFrame(): void {
    this.#stage?.frameLoop.requestEarlyTick();
  }

  async save(): Promise<Uint8Array | undefined> {
    return this.#stage?.painter.game.save();
  }

  finish(): Promise<Uint8Array | undefined> {
    return this.save();
  }

  async close(): Promise<void> {
    this.#closed = true;
    // A start that fails is the starter's to report; here it only has to be over.
    await this.#starting?.catch(() => undefined);
    await this.#shutDown();
    await this.#reshaping;
  }

  async #open(options: RuntimeOptions, output: RuntimeOutput): Promise<void> {
    const fail = (error: RockpoolError) => {
      if (this.#closed) return;
      this.#closed = true;
      void this.#shutDown();
      output.handleFailure(error);
    };
    const { seed, save, resolution, frameRate } = options;
    const painter = await this.#openPainter(save ? { seed, save } : { seed }, resolution, {
      handleReady: () => this.#stage?.frameLoop.handleReady(),
      handleFailure: fail,
    });
    if (this.#closed) {
      await painter.close();
      return;
    }
    this.#stage = this.#build(painter, frameRate, output, fail);
    if (!this.#suspended) this.#stage.start();
  }

  #build(
    painter: Painter,
    frameRate: number,
    output: RuntimeOutput,
    fail: (error: RockpoolError) => void,
  ): Stage {
    const guard = (task: () => void) => {
      try {
        task();
      } catch (thrown) {
        fail(toRockpoolError(thrown, 'game-failed'));
      }
    };
    const host: GameHost = {
      rumble: (rumble) => output.handleRumble(rumble),
      setCursor: (shape) => output.handleCursor({ kind: 'shape', shape }),
    };
    const { clock, scheduler } = this.#time;
    let frameNumber = 0;
    let timeS = 0;
    let lastTickUs: number | undefined;
    const tick = (tickUs: number) => {
      const dtS = lastTickUs === undefined ? 1 / frameRate : (tickUs - lastTickUs) / 1e6;
      lastTickUs = tickUs;
      timeS += Math.min(dtS, MAX_DT_S);
      const stamps = {
        frameNumber: frameNumber++,
        inputSeq: this.#inputSeq,
        inputReceivedUs: this.#inputReceivedUs,
        tickUs,
      };
      const { game } = painter;
      game.update(
        {
          dtS: Math.min(dtS, MAX_DT_S),
          timeS,
          frameNumber: stamps.frameNumber,
          inputSeq: stamps.inputSeq,
          input: this.#input,
        },
        host,
      );
      this.#input.endTick();
      painter.paint((picture) => {
        if (this.#closed) picture.release();
        else output.handleFrame(frameOf(picture, stamps, clock.nowUs()));
      });
    };
    const frameLoop = new FrameLoop({
      clock,
      scheduler,
      frameRate,
      canTick: () => painter.ready,
      tick: (tickUs) => guard(() => tick(tickUs)),
    });
    const soundLoop = new SoundLoop({
      clock,
      scheduler,
      fill: (samples) => guard(() => painter.game.fillSound(samples)),
      deliver: (block) => {
        if (!this.#closed) output.handleSound(block);
      },
    });
    return new Stage(painter, frameLoop, soundLoop);
  }

  async #shutDown(): Promise<void> {
    const stage = this.#stage;
    this.#stage = undefined;
    stage?.stop();
    await stage?.painter.close();
  }
}

interface Stamps {
  readonly frameNumber: number;
  readonly inputSeq: number;
  readonly inputReceivedUs: number;
  readonly tickUs: number;
}

function frameOf(picture: Picture, stamps: Stamps, renderedUs: number) {
  const { format, width, height, pixels, release } = picture;
  return { format, width, height, pixels, release, renderedUs, ...stamps };
}

/** What exists between a start and a close. */
class Stage {
  readonly painter: Painter;
  readonly frameLoop: FrameLoop;
  readonly soundLoop: SoundLoop;

  constructor(painter: Painter, frameLoop: FrameLoop, soundLoop: SoundLoop) {
    this.painter = painter;
    this.frameLoop = frameLoop;
    this.soundLoop = soundLoop;
  }

  start(): void {
    this.frameLoop.start();
    this.soundLoop.start();
  }

  stop(): void {
    this.frameLoop.stop();
    this.soundLoop.stop();
  }
}

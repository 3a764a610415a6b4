import { describe, expect, it } from 'vitest';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { RuntimeTime } from '../../renderer/built-in-runtime.ts';
import type { GameRuntime, VideoFrame } from '../../renderer/game-runtime.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';
import { RecordingOutput } from '../support/recording-output.ts';
import {
  describeGameRuntime,
  FRAME_RATE,
  INTERVAL_MS,
  LARGER,
  onVirtualTime,
  SMALL,
} from './game-runtime.ts';

export interface TickingRuntimeUnderTest {
  readonly info: GameInfo;
  /** Frames that may be lent at the same time. */
  readonly buffers: number;
  readonly saves: 'exact' | 'none';
  create(time: RuntimeTime): GameRuntime;
}

/** A started runtime on virtual time with everything it delivered. */
class Session {
  readonly time = new VirtualTime(1_000_000);
  readonly output = new RecordingOutput();
  readonly runtime: GameRuntime;
  readonly #info: GameInfo;

  constructor({ info, create }: TickingRuntimeUnderTest) {
    this.#info = info;
    this.runtime = create({ clock: this.time, scheduler: this.time });
  }

  async start(): Promise<this> {
    const options = { game: this.#info, resolution: SMALL, frameRate: FRAME_RATE, seed: 1 };
    await this.runtime.start(options, this.output);
    return this;
  }

  /** Lets the next tick run and takes its frame. */
  async tick(advanceMs = INTERVAL_MS): Promise<VideoFrame> {
    this.time.advance(advanceMs);
    return this.output.nextFrame();
  }

  async tickAndRelease(advanceMs = INTERVAL_MS): Promise<VideoFrame> {
    const frame = await this.tick(advanceMs);
    frame.release();
    return frame;
  }

  press(): void {
    this.runtime.handleInput({ type: 'key', seq: 1, down: true, code: 'Space' }, 0);
  }
}

/** What a runtime keeps to that is a GameRuntime and decides itself when its game ticks. */
export function describeTickingRuntime(name: string, subject: TickingRuntimeUnderTest): void {
  const { info, buffers, saves, create } = subject;
  describeGameRuntime(name, { info, buffers, saves, create: onVirtualTime(create) });

  const started = () => new Session(subject).start();

  describe(`ticks of a game runtime: ${name}`, () => {
    it('come on a grid of the frame rate', async () => {
      const session = await started();
      for (let i = 0; i < 5; i++) {
        const frame = await session.tickAndRelease(i === 0 ? 0 : INTERVAL_MS);
        expect(frame.tickUs).toBe(1_000_000 + i * 20_000);
      }
      await session.runtime.close();
    });

    it('are skipped while all buffers are lent, and made up for at once', async () => {
      const session = await started();
      const lent: VideoFrame[] = [];
      for (let i = 0; i < buffers; i++) lent.push(await session.tick(i === 0 ? 0 : INTERVAL_MS));
      session.time.advance(1000);
      lent[0]?.release();
      const next = await session.tick(0);
      expect([next.frameNumber, next.tickUs]).toEqual([buffers, session.time.nowUs()]);
      next.release();
      lent[1]?.release();
      await session.runtime.close();
    });

    it('come early when a press comes between two', async () => {
      const session = await started();
      await session.tickAndRelease(0);
      session.time.advance(INTERVAL_MS / 2);
      session.press();
      const frame = await session.tickAndRelease(0);
      expect([frame.tickUs, frame.inputSeq]).toEqual([1_010_000, 1]);
      await session.runtime.close();
    });

    it('are accompanied by sound every 10 ms, on time', async () => {
      const session = await started();
      session.time.advance(100);
      const { soundDueUs } = session.output;
      expect(soundDueUs).toEqual(Array.from({ length: 11 }, (_, i) => 1_000_000 + i * 10_000));
      await session.runtime.close();
    });

    it('come at another rate from the next frame on', async () => {
      const session = await started();
      await session.tickAndRelease(0);
      await session.runtime.reshape(LARGER, 25);
      for (let i = 0; i < 2; i++) {
        const frame = await session.tickAndRelease(40);
        expect([frame.frameNumber, frame.tickUs]).toEqual([i + 1, 1_040_000 + i * 40_000]);
      }
      await session.runtime.close();
    });

    it('wait while suspended and go on at once', async () => {
      const session = await started();
      await session.tickAndRelease(0);
      session.runtime.setSuspended(true);
      session.time.advance(5000);
      session.runtime.setSuspended(false);
      const frame = await session.tickAndRelease(0);
      expect([frame.frameNumber, frame.tickUs]).toEqual([1, 6_000_000]);
      await session.runtime.close();
    });
  });
}

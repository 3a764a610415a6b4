import { describe, expect, it } from 'vitest';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { RuntimeTime } from '../../renderer/built-in-runtime.ts';
import { frameBytes, type GameRuntime, type VideoFrame } from '../../renderer/game-runtime.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';
import { RecordingOutput } from '../support/recording-output.ts';

const SMALL = { width: 512, height: 288 };
const LARGER = { width: 640, height: 360 };
/** 50 fps: an interval of 20 ms exactly. */
const FRAME_RATE = 50;
const INTERVAL_MS = 20;

export interface RuntimeUnderTest {
  readonly info: GameInfo;
  create(time: RuntimeTime): GameRuntime;
  /** Frames that may be lent at the same time. */
  readonly buffers: number;
  /** Whether the game keeps something that grows with every press. */
  readonly saves: boolean;
}

/** A started runtime on virtual time with everything it delivered. */
class Session {
  readonly time = new VirtualTime(1_000_000);
  readonly output = new RecordingOutput();
  readonly runtime: GameRuntime;
  readonly #info: GameInfo;

  constructor({ info, create }: RuntimeUnderTest) {
    this.#info = info;
    this.runtime = create({ clock: this.time, scheduler: this.time });
  }

  async start(save?: Uint8Array): Promise<this> {
    const options = { game: this.#info, resolution: SMALL, frameRate: FRAME_RATE, seed: 1 };
    await this.runtime.start(save ? { ...options, save } : options, this.output);
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

  press(seq: number): void {
    this.runtime.handleInput({ type: 'key', seq, down: true, code: 'Space' }, this.time.nowUs());
    this.runtime.handleInput(
      { type: 'key', seq: seq + 1, down: false, code: 'Space' },
      this.time.nowUs(),
    );
  }
}

/** What every implementation of GameRuntime keeps to. */
export function describeGameRuntime(name: string, subject: RuntimeUnderTest): void {
  const started = () => new Session(subject).start();

  describe(`game runtime: ${name}`, () => {
    it('delivers frames of the asked size, numbered one by one', async () => {
      const session = await started();
      for (let i = 0; i < 5; i++) {
        const frame = await session.tickAndRelease(i === 0 ? 0 : INTERVAL_MS);
        expect(frame.frameNumber).toBe(i);
        expect(frame.tickUs).toBe(1_000_000 + i * 20_000);
        expect(frame.renderedUs).toBeGreaterThanOrEqual(frame.tickUs);
        expect([frame.width, frame.height]).toEqual([SMALL.width, SMALL.height]);
      }
      await session.runtime.close();
    });

    it('delivers tightly packed pixels of the format it names', async () => {
      const session = await started();
      const frame = await session.tick(0);
      expect(frame.pixels.length).toBe(frameBytes(frame.format, SMALL));
      expect(new Set(frame.pixels).size).toBeGreaterThan(1);
      frame.release();
      await session.runtime.close();
    });

    it('skips ticks while all its buffers are lent and goes on when one comes back', async () => {
      const session = await started();
      const lent: VideoFrame[] = [];
      for (let i = 0; i < subject.buffers; i++) lent.push(await session.tick(i === 0 ? 0 : 20));
      session.time.advance(1000);
      lent[0]?.release();
      const next = await session.tick(0);
      expect(next.frameNumber).toBe(subject.buffers);
      expect(next.tickUs).toBe(session.time.nowUs());
      next.release();
      lent[1]?.release();
      await session.runtime.close();
    });

    it('takes a buffer back once, however often it is released', async () => {
      const session = await started();
      const first = await session.tick(0);
      first.release();
      first.release();
      const lent: VideoFrame[] = [];
      for (let i = 0; i < subject.buffers; i++) lent.push(await session.tick());
      const memory = new Set(lent.map((frame) => frame.pixels));
      expect(memory.size).toBe(subject.buffers);
      session.time.advance(200);
      lent[0]?.release();
      expect((await session.tickAndRelease(0)).frameNumber).toBe(1 + subject.buffers);
      for (const frame of lent) frame.release();
      await session.runtime.close();
    });

    it('says which input a frame shows and when that arrived', async () => {
      const session = await started();
      const before = await session.tickAndRelease(0);
      expect([before.inputSeq, before.inputReceivedUs]).toEqual([0, 0]);
      session.time.advance(INTERVAL_MS / 2);
      const receivedUs = session.time.nowUs();
      session.press(7);
      const after = await session.tickAndRelease();
      expect([after.inputSeq, after.inputReceivedUs]).toEqual([8, receivedUs]);
      expect((await session.tickAndRelease()).inputSeq).toBe(8);
      await session.runtime.close();
    });

    it('ticks early when a press comes between two ticks', async () => {
      const session = await started();
      await session.tickAndRelease(0);
      session.time.advance(INTERVAL_MS / 2);
      session.press(1);
      const frame = await session.tickAndRelease(0);
      expect(frame.tickUs).toBe(1_010_000);
      expect(frame.inputSeq).toBe(2);
      await session.runtime.close();
    });

    it('delivers a block of sound every 10 ms', async () => {
      const session = await started();
      session.time.advance(100);
      const { soundDueUs } = session.output;
      expect(soundDueUs).toEqual(Array.from({ length: 11 }, (_, i) => 1_000_000 + i * 10_000));
      await session.runtime.close();
    });

    it('changes size and rate from the next frame on', async () => {
      const session = await started();
      await session.tickAndRelease(0);
      await session.runtime.reshape(LARGER, 25);
      for (let i = 0; i < 2; i++) {
        const frame = await session.tick(40);
        expect([frame.width, frame.height]).toEqual([LARGER.width, LARGER.height]);
        expect([frame.frameNumber, frame.tickUs]).toEqual([i + 1, 1_040_000 + i * 40_000]);
        expect(frame.pixels.length).toBe(frameBytes(frame.format, LARGER));
        frame.release();
      }
      await session.runtime.close();
    });

    it('keeps a frame readable that was lent before a change of size', async () => {
      const session = await started();
      const lent = await session.tick(0);
      const before = lent.pixels.slice();
      await session.runtime.reshape(LARGER, FRAME_RATE);
      const next = await session.tick();
      expect(Buffer.compare(lent.pixels, before)).toBe(0);
      lent.release();
      next.release();
      expect((await session.tickAndRelease()).width).toBe(LARGER.width);
      await session.runtime.close();
    });

    it('neither ticks nor sounds while suspended', async () => {
      const session = await started();
      await session.tickAndRelease(0);
      session.runtime.setSuspended(true);
      const blocks = session.output.soundDueUs.length;
      session.time.advance(5000);
      expect(session.output.soundDueUs.length).toBe(blocks);
      session.runtime.setSuspended(false);
      const frame = await session.tickAndRelease(0);
      expect([frame.frameNumber, frame.tickUs]).toEqual([1, 6_000_000]);
      await session.runtime.close();
    });

    it('gives a later session what an earlier one saved, where it keeps anything', async () => {
      const first = await started();
      first.press(1);
      await first.tickAndRelease(0);
      const save = await first.runtime.save();
      await first.runtime.close();
      expect(save !== undefined).toBe(subject.saves);
      if (!subject.saves) return;
      const second = await new Session(subject).start(save);
      expect(await second.runtime.save()).toEqual(save);
      second.press(1);
      await second.tickAndRelease(0);
      expect(await second.runtime.save()).not.toEqual(save);
      await second.runtime.close();
    });

    it('can be closed before it starts, while it starts, and twice', async () => {
      await new Session(subject).runtime.close();
      const session = new Session(subject);
      const starting = session.start();
      await Promise.all([session.runtime.close(), session.runtime.close()]);
      await starting;
      await session.runtime.close();
      session.time.advance(1000);
      expect(session.output.frames).toEqual([]);
      expect(session.time.pendingTimers).toBe(0);
    });

    it('leaves no timer and delivers nothing after close', async () => {
      const session = await started();
      await session.tickAndRelease(0);
      session.time.advance(INTERVAL_MS);
      const closing = session.runtime.close();
      const frames = session.output.frames.length;
      await closing;
      session.press(1);
      session.runtime.setSuspended(false);
      session.time.advance(1000);
      expect(session.time.pendingTimers).toBe(0);
      expect(session.output.frames.length).toBe(frames);
      expect(session.output.failures).toEqual([]);
    });

    it('leaves a lent frame readable after close', async () => {
      const session = await started();
      const lent = await session.tick(0);
      const before = lent.pixels.slice();
      await session.runtime.close();
      expect(Buffer.compare(lent.pixels, before)).toBe(0);
      lent.release();
    });
  });
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { RuntimeTime } from '../../renderer/built-in-runtime.ts';
import { frameBytes, type GameRuntime, type VideoFrame } from '../../renderer/game-runtime.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';
import { RecordingOutput } from '../support/recording-output.ts';

export const SMALL = { width: 512, height: 288 };
export const LARGER = { width: 640, height: 360 };
/** 50 fps: an interval of 20 ms exactly. */
export const FRAME_RATE = 50;
export const INTERVAL_MS = 20;

/** The time a runtime lives in: made by the test, or the real one. */
export interface RuntimeTimeUnderTest {
  nowUs(): number;
  /** Lets so much time go by. */
  pass(ms: number): Promise<void>;
  /** Resolves when nothing of the runtime is left: no timer, no process, no file. */
  expectNothingLeft(): Promise<void> | void;
}

export interface RuntimeUnderTest {
  readonly info: GameInfo;
  /** Frames that may be lent at the same time. */
  readonly buffers: number;
  /**
   * What the game keeps grows with every press of the space bar (`exact`), is a store of its own that
   * differs with every visit (`opaque`), or is nothing.
   */
  readonly saves: 'exact' | 'opaque' | 'none';
  create(): { readonly runtime: GameRuntime; readonly time: RuntimeTimeUnderTest };
}

/** A runtime whose only time is the one that the test makes. */
export function onVirtualTime(
  create: (time: RuntimeTime) => GameRuntime,
): RuntimeUnderTest['create'] {
  return () => {
    const virtual = new VirtualTime(1_000_000);
    const time = {
      nowUs: () => virtual.nowUs(),
      pass: async (ms: number) => {
        virtual.advance(ms);
        // What draws on a GPU is done in real time.
        await nextTurn();
      },
      expectNothingLeft: () => expect(virtual.pendingTimers).toBe(0),
    };
    return { runtime: create({ clock: virtual, scheduler: virtual }), time };
  };
}

/** A started runtime with everything it delivered. */
class Play {
  readonly output = new RecordingOutput();
  readonly runtime: GameRuntime;
  readonly time: RuntimeTimeUnderTest;
  readonly #info: GameInfo;

  constructor({ info, create }: RuntimeUnderTest) {
    this.#info = info;
    const { runtime, time } = create();
    this.runtime = runtime;
    this.time = time;
  }

  async start(save?: Uint8Array): Promise<this> {
    const options = { game: this.#info, resolution: SMALL, frameRate: FRAME_RATE, seed: 1 };
    await this.runtime.start(save ? { ...options, save } : options, this.output);
    return this;
  }

  /** Lets time go by until there is a frame that was not taken yet. */
  async frame(): Promise<VideoFrame> {
    while (this.output.waiting === 0) await this.time.pass(INTERVAL_MS);
    return this.output.nextFrame();
  }

  async frameAndRelease(): Promise<VideoFrame> {
    const frame = await this.frame();
    frame.release();
    return frame;
  }

  /** The first frame that is as wanted; those before are released. */
  async frameThat(isWanted: (frame: VideoFrame) => boolean): Promise<VideoFrame> {
    for (;;) {
      const frame = await this.frame();
      if (isWanted(frame)) return frame;
      frame.release();
    }
  }

  /** @returns when the press arrived, microseconds. */
  press(seq: number): number {
    const receivedUs = this.time.nowUs();
    this.runtime.handleInput({ type: 'key', seq, down: true, code: 'Space' }, receivedUs);
    this.runtime.handleInput({ type: 'key', seq: seq + 1, down: false, code: 'Space' }, receivedUs);
    return receivedUs;
  }

  /** A game takes a press in when it gets round to it. */
  async untilSaveIsNot(before: Uint8Array | undefined): Promise<void> {
    while (isSame(await this.runtime.save(), before)) await this.frameAndRelease();
  }

  async close(): Promise<void> {
    await this.runtime.close();
    await this.time.expectNothingLeft();
  }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a && b ? Buffer.compare(a, b) === 0 : a === b;
}

/** What every implementation of GameRuntime keeps to. */
export function describeGameRuntime(name: string, subject: RuntimeUnderTest): void {
  const started = () => new Play(subject).start();

  describe(`game runtime: ${name}`, () => {
    it('delivers frames of the asked size, numbered one by one', async () => {
      const play = await started();
      let lastTickUs = 0;
      for (let i = 0; i < 5; i++) {
        const frame = await play.frameAndRelease();
        expect(frame.frameNumber).toBe(i);
        expect(frame.tickUs).toBeGreaterThan(lastTickUs);
        expect(frame.renderedUs).toBeGreaterThanOrEqual(frame.tickUs);
        expect([frame.width, frame.height]).toEqual([SMALL.width, SMALL.height]);
        lastTickUs = frame.tickUs;
      }
      await play.close();
    });

    it('delivers tightly packed pixels of the format it names', async () => {
      const play = await started();
      // A program may show its window before there is anything in it.
      const frame = await play.frameThat(({ pixels }) => new Set(pixels).size > 1);
      expect(frame.pixels.length).toBe(frameBytes(frame.format, SMALL));
      frame.release();
      await play.close();
    });

    it('draws into no buffer that is lent, and goes on when one comes back', async () => {
      const play = await started();
      const lent: VideoFrame[] = [];
      for (let i = 0; i < subject.buffers; i++) lent.push(await play.frame());
      expect(new Set(lent.map((frame) => frame.pixels)).size).toBe(subject.buffers);
      const before = lent.map((frame) => frame.pixels.slice());
      await play.time.pass(200);
      expect(play.output.waiting).toBe(0);
      for (const [i, frame] of lent.entries()) {
        expect(Buffer.compare(frame.pixels, before[i] ?? new Uint8Array())).toBe(0);
      }
      for (const frame of lent) frame.release();
      expect((await play.frameAndRelease()).frameNumber).toBe(subject.buffers);
      await play.close();
    });

    it('takes a buffer back once, however often it is released', async () => {
      const play = await started();
      const first = await play.frame();
      first.release();
      first.release();
      const lent: VideoFrame[] = [];
      for (let i = 0; i < subject.buffers; i++) lent.push(await play.frame());
      expect(new Set(lent.map((frame) => frame.pixels)).size).toBe(subject.buffers);
      await play.time.pass(200);
      expect(play.output.waiting).toBe(0);
      for (const frame of lent) frame.release();
      await play.close();
    });

    it('says which input a frame shows and when that arrived', async () => {
      const play = await started();
      const before = await play.frameAndRelease();
      expect([before.inputSeq, before.inputReceivedUs]).toEqual([0, 0]);
      const receivedUs = play.press(7);
      const after = await play.frameThat(({ inputSeq }) => inputSeq !== 0);
      after.release();
      expect([after.inputSeq, after.inputReceivedUs]).toEqual([8, receivedUs]);
      expect((await play.frameAndRelease()).inputSeq).toBe(8);
      await play.close();
    });

    it('delivers sound in blocks of 10 ms, each due a whole number of them after the last', async () => {
      const play = await started();
      const { soundDueUs } = play.output;
      while (soundDueUs.length < 11) await play.time.pass(INTERVAL_MS);
      for (let i = 1; i < 11; i++) {
        // A machine that is late leaves some out rather than fall behind.
        const stepUs = Math.round((soundDueUs[i] ?? 0) - (soundDueUs[i - 1] ?? 0));
        expect(stepUs).toBeGreaterThan(0);
        expect(stepUs % 10_000).toBe(0);
      }
      await play.close();
    });

    it('changes its size, and keeps a frame readable that was lent before', async () => {
      const play = await started();
      const lent = await play.frame();
      const before = lent.pixels.slice();
      await play.runtime.reshape(LARGER, 25);
      const larger = await play.frameThat(({ width }) => width === LARGER.width);
      expect(larger.height).toBe(LARGER.height);
      expect(larger.pixels.length).toBe(frameBytes(larger.format, LARGER));
      expect(Buffer.compare(lent.pixels, before)).toBe(0);
      lent.release();
      larger.release();
      expect((await play.frameAndRelease()).width).toBe(LARGER.width);
      await play.close();
    });

    it('neither draws nor sounds while suspended, and goes on afterwards', async () => {
      const play = await started();
      await play.frameAndRelease();
      play.runtime.setSuspended(true);
      const blocks = play.output.soundDueUs.length;
      while (play.output.waiting > 0) await play.frameAndRelease();
      await play.time.pass(500);
      expect(play.output.soundDueUs.length).toBe(blocks);
      expect(play.output.waiting).toBe(0);
      const resumedUs = play.time.nowUs();
      play.runtime.setSuspended(false);
      expect((await play.frameAndRelease()).tickUs).toBeGreaterThanOrEqual(resumedUs);
      await play.close();
    });

    it('gives a later session what an earlier one saved, where it keeps anything', async () => {
      const first = await started();
      first.press(1);
      (await first.frameThat(({ inputSeq }) => inputSeq === 2)).release();
      if (subject.saves !== 'none') await first.untilSaveIsNot(undefined);
      const save = await first.runtime.finish();
      await first.close();
      expect(save !== undefined).toBe(subject.saves !== 'none');
      if (subject.saves === 'none') return;
      const second = await new Play(subject).start(save);
      if (subject.saves === 'exact') expect(await second.runtime.save()).toEqual(save);
      second.press(1);
      await second.untilSaveIsNot(save);
      expect(await second.runtime.finish()).not.toEqual(save);
      await second.close();
    });

    it('can be closed before it starts, while it starts, and twice', async () => {
      await new Play(subject).close();
      const play = new Play(subject);
      const starting = play.start();
      await Promise.all([play.runtime.close(), play.runtime.close()]);
      await starting;
      await play.close();
      expect(play.output.frames).toEqual([]);
    });

    it('delivers nothing after close, and leaves a lent frame readable', async () => {
      const play = await started();
      const lent = await play.frame();
      const before = lent.pixels.slice();
      const closing = play.runtime.close();
      const frames = play.output.frames.length;
      await closing;
      play.press(1);
      play.runtime.setSuspended(false);
      await play.time.pass(200);
      expect(play.output.frames.length).toBe(frames);
      expect(play.output.failures).toEqual([]);
      expect(Buffer.compare(lent.pixels, before)).toBe(0);
      lent.release();
      await play.close();
    });
  });
}

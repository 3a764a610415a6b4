import { describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { VideoFrame } from '../../../renderer/game-runtime.ts';
import type { ProgramExit, SandboxedProgram } from '../../../renderer/sandbox/program-order.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { TryOutRun, type TryOutRunResult } from '../../../server/try-out/try-out-run.ts';
import { fakeManifest } from '../../support/build-folders.ts';
import { type FakeEncoderBehaviour, FakeEncoderFactory } from '../../support/fake-encoder.ts';
import { FakeRuntime, fakeEntry } from '../../support/fake-runtime.ts';

const SIZE = { width: 320, height: 200 };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A program that does nothing but be there. */
class FakeProgram {
  end: (exit: ProgramExit) => void = () => {};
  readonly exited = new Promise<ProgramExit>((resolve) => {
    this.end = resolve;
  });
  log = '';
  cpuS = 0;
  memoryBytes = 100;
  logTail(): string {
    return this.log;
  }
  async usage() {
    this.cpuS += 0.5;
    return { cpuS: this.cpuS, memoryBytes: this.memoryBytes };
  }
}

/** A runtime that starts when a test says so. */
class SlowRuntime extends FakeRuntime {
  readonly program = new FakeProgram();
  handleProgram: (program: SandboxedProgram) => void = () => {};
  startsProgram = true;
  show: () => void = () => {};
  fail: (error: RockpoolError) => void = () => {};

  override async start(...args: Parameters<FakeRuntime['start']>): Promise<void> {
    await super.start(...args);
    if (this.startsProgram) this.handleProgram(this.program as unknown as SandboxedProgram);
    await new Promise<void>((resolve, reject) => {
      this.show = resolve;
      this.fail = reject;
    });
  }
}

class Rig {
  readonly time = new VirtualTime(5_000_000);
  readonly runtime = new SlowRuntime();
  readonly encoder: FakeEncoderFactory;
  readonly abort = new AbortController();
  readonly done: Promise<TryOutRunResult>;
  /** Encoded pictures that were shown to whoever wants to see them. */
  seen = 0;
  frames = 0;
  released = 0;

  constructor(manifest: object = {}, behaviour: FakeEncoderBehaviour = {}) {
    this.encoder = new FakeEncoderFactory('libx264', behaviour);
    const parsed = fakeManifest({ frameRate: 50, resolution: SIZE, ...manifest });
    const run = new TryOutRun(parsed, {
      clock: this.time,
      scheduler: this.time,
      encoders: [{ name: 'libx264', codec: 'h264', hardware: false, pixelsPerSecond: 1e9 }],
      createEncoders: () => [this.encoder],
      handleVideo: () => {
        this.seen++;
      },
      createRuntime: (handleProgram) => {
        this.runtime.handleProgram = handleProgram;
        return this.runtime;
      },
    });
    const options = {
      game: fakeEntry(this.runtime).info,
      resolution: SIZE,
      frameRate: 50,
      seed: 1,
    };
    this.done = run.run(options, this.abort.signal);
    this.done.catch(() => undefined);
  }

  /** Lets the encoder open and the program start. */
  async begin(): Promise<void> {
    await settled();
    await settled();
  }

  async show(afterMs: number): Promise<void> {
    await this.begin();
    this.time.advance(afterMs);
    this.runtime.show();
    await settled();
  }

  /** Draws at 50 frames a second for so long. */
  async draw(ms: number, luma: (x: number) => number): Promise<void> {
    const { width, height } = SIZE;
    const pixels = new Uint8Array((width * height * 3) / 2).fill(128);
    for (let at = 0; at < width * height; at++) pixels[at] = luma(at % width);
    for (let done = 0; done < ms; done += 20) {
      this.#frame(pixels);
      await settled();
      this.time.advance(20);
    }
    await settled();
  }

  #frame(pixels: Uint8Array): void {
    const nowUs = this.time.nowUs();
    const frame: VideoFrame = {
      format: 'i420',
      ...SIZE,
      pixels,
      frameNumber: this.frames++,
      inputSeq: 0,
      inputReceivedUs: 0,
      tickUs: nowUs - 1_000,
      renderedUs: nowUs,
      release: () => {
        this.released++;
      },
    };
    this.runtime.output?.handleFrame(frame);
  }
}

const stripes = (x: number) => (x % 32 < 16 ? 40 : 200);
const black = () => 16;

describe('TryOutRun', () => {
  it('measures a build that plays, and calls it good', async () => {
    const rig = new Rig();
    await rig.show(800);
    await rig.draw(400, black);
    await rig.draw(15_700, stripes);
    const { findings, pictures } = await rig.done;
    expect(findings).toMatchObject({
      bootMs: 800,
      firstFrameMs: 1_200,
      frameRate: 50,
      frameTimeP50Ms: 20,
      frameTimeP95Ms: 20,
      encoder: 'libx264',
      resolution: SIZE,
      exitCode: null,
      problem: null,
      notes: [],
    });
    expect(findings.frames).toBeGreaterThan(790);
    expect(pictures.map(({ atMs }) => atMs)).toEqual([1_000]);
    expect(rig.seen).toBeGreaterThan(790);
    expect(rig.runtime.closed).toBe(true);
    expect(rig.encoder.last.closed).toBe(true);
    expect(rig.released).toBe(rig.frames);
    expect(rig.time.pendingTimers).toBe(0);
  });

  it('presses what the script says', async () => {
    const rig = new Rig({ tryOut: [{ atMs: 1_000, key: 'KeyE' }] });
    await rig.show(100);
    await rig.draw(20_000, stripes);
    await rig.done;
    expect(rig.runtime.inputs).toMatchObject([
      { type: 'key', code: 'KeyE', down: true, seq: 1 },
      { type: 'key', code: 'KeyE', down: false, seq: 2 },
    ]);
  });

  it('goes on until what the script did last can be seen', async () => {
    const rig = new Rig({ tryOut: [{ atMs: 17_000, key: 'KeyE', holdMs: 500 }] });
    await rig.show(100);
    await rig.draw(19_300, stripes);
    expect(rig.runtime.closed).toBe(false);
    await rig.draw(400, stripes);
    await rig.done;
    expect(rig.runtime.inputs).toHaveLength(2);
  });

  it('tells what the game takes of processor and memory', async () => {
    const rig = new Rig();
    await rig.show(100);
    rig.runtime.program.memoryBytes = 900;
    await rig.draw(5_000, stripes);
    rig.runtime.program.memoryBytes = 200;
    await rig.draw(15_000, stripes);
    const { findings } = await rig.done;
    expect(findings.cpus).toBe(0.5);
    expect(findings.memoryBytes).toBe(900);
  });

  it('has a problem where the program does not start, with what it wrote', async () => {
    const rig = new Rig();
    await rig.begin();
    rig.runtime.program.log = '\u001b[31mno such file\u001b[0m\n';
    rig.runtime.fail(
      new RockpoolError('game-failed', 'The game has shown no window.\nno such file'),
    );
    const { findings } = await rig.done;
    expect(findings).toMatchObject({
      bootMs: null,
      firstFrameMs: null,
      frames: 0,
      resolution: null,
      problem: 'The game has shown no window.\nno such file',
      log: ['no such file'],
    });
  });

  it('has a problem where the program crashes while it is played', async () => {
    const rig = new Rig();
    await rig.show(100);
    await rig.draw(2_000, stripes);
    rig.runtime.program.end({ kind: 'exit', code: 3 });
    await settled();
    rig.runtime.output?.handleFailure(
      new RockpoolError('game-failed', 'The game ended with code 3.'),
    );
    const { findings } = await rig.done;
    expect(findings).toMatchObject({ exitCode: 3, problem: 'The game ended with code 3.' });
    expect(findings.frames).toBe(100);
    expect(rig.seen).toBe(100);
  });

  it('has a problem where the program ends by itself and nothing was scripted', async () => {
    const rig = new Rig();
    await rig.show(100);
    await rig.draw(2_000, stripes);
    rig.runtime.program.end({ kind: 'exit', code: 0 });
    await settled();
    rig.runtime.output?.handleOver();
    const { findings } = await rig.done;
    expect(findings.exitCode).toBe(0);
    expect(findings.problem).toMatch(/^The game ended by itself 2\.0 s after its first window/);
  });

  it('only notes it where the script may have ended the game', async () => {
    const rig = new Rig({ tryOut: [{ atMs: 1_000, key: 'Escape' }] });
    await rig.show(100);
    await rig.draw(2_000, stripes);
    rig.runtime.output?.handleOver();
    const { findings } = await rig.done;
    expect(findings.problem).toBeNull();
    expect(findings.notes).toEqual(['The game ended by itself 2.0 s after its first window.']);
  });

  it('notes that nothing but one colour was to be seen', async () => {
    const rig = new Rig();
    await rig.show(100);
    await rig.draw(20_000, black);
    const { findings, pictures } = await rig.done;
    expect(findings).toMatchObject({ firstFrameMs: null, problem: null });
    expect(findings.notes).toEqual(['In all that time the picture was of one colour.']);
    expect(pictures).toEqual([]);
  });

  it('blames the build for what its manifest names, before there is a program', async () => {
    const rig = new Rig();
    rig.runtime.startsProgram = false;
    await rig.begin();
    rig.runtime.fail(new RockpoolError('missing-package', '"game" needs the loader /lib/ld.so.'));
    expect((await rig.done).findings).toMatchObject({
      problem: '"game" needs the loader /lib/ld.so.',
      log: [],
      cpus: null,
    });
  });

  it('blames the machine for what fails before there is a program', async () => {
    const rig = new Rig();
    rig.runtime.startsProgram = false;
    await rig.begin();
    rig.runtime.fail(new RockpoolError('internal', 'The sandbox could not be made.'));
    await expect(rig.done).rejects.toThrow('The sandbox could not be made.');
    expect(rig.runtime.closed).toBe(true);
  });

  it('blames the machine where no encoder works', async () => {
    const rig = new Rig({}, { failAtCall: 3 });
    await rig.show(100);
    await rig.draw(200, stripes);
    await expect(rig.done).rejects.toMatchObject({ code: 'encoder-failed' });
  });

  it('leaves nothing behind when it is called off, while it starts or runs', async () => {
    for (const isShown of [false, true]) {
      const rig = new Rig();
      if (isShown) await rig.show(100);
      else await rig.begin();
      rig.abort.abort(new Error('not wanted'));
      await expect(rig.done).rejects.toThrow('not wanted');
      expect(rig.runtime.closed).toBe(true);
      expect(rig.time.pendingTimers).toBe(0);
    }
  });
});

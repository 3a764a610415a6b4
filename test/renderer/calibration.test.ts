import { describe, expect, it } from 'vitest';
import {
  calibrationNonce,
  decodeCalibrationMark,
  type LumaSampler,
  patchLuma,
} from '../../protocol/calibration-picture.ts';
import type { KeyCode } from '../../protocol/key-codes.ts';
import { BUILT_IN_GAMES, type CatalogueEntry } from '../../renderer/game-catalogue.ts';
import type { GameInput, VideoFrame } from '../../renderer/game-runtime.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';
import { RecordingOutput } from '../support/recording-output.ts';
import { describeWithGpu, gpuUnderTest } from '../support/software-gpu.ts';

const SIZE = { width: 512, height: 288 };
const SEED = 42;

function entryOf(id: string): CatalogueEntry {
  const entry = BUILT_IN_GAMES.get(id);
  if (!entry) throw new Error(`the catalogue has no ${id}`);
  return entry;
}

/** Luma of either format; the middle of a grey RGBA value's steps. */
function lumaOf({ format, pixels, width }: VideoFrame): LumaSampler {
  if (format === 'i420') return (x, y) => pixels[y * width + x] ?? 0;
  return (x, y) => {
    const at = (y * width + x) * 4;
    const [r = 0, g = 0, b = 0] = pixels.subarray(at, at + 3);
    return 16 + (219 / 255) * (0.2126 * r + 0.7152 * g + 0.0722 * b);
  };
}

class Scene {
  readonly output = new RecordingOutput();
  readonly #time = new VirtualTime();
  readonly #entry: CatalogueEntry;
  readonly #runtime;
  #seq = 0;

  constructor(id: string) {
    this.#entry = entryOf(id);
    this.#runtime = this.#entry.createRuntime({ clock: this.#time, scheduler: this.#time });
  }

  async start(): Promise<this> {
    const options = { game: this.#entry.info, resolution: SIZE, frameRate: 50, seed: SEED };
    await this.#runtime.start(options, this.output);
    await this.see(() => 0, 0);
    return this;
  }

  send(input: GameInput): void {
    this.#runtime.handleInput(input, this.#time.nowUs());
  }

  key(code: KeyCode): void {
    this.send({ type: 'key', seq: ++this.#seq, down: true, code });
    this.send({ type: 'key', seq: ++this.#seq, down: false, code });
  }

  /** What the latest frame shows: a press may have brought one tick forward and another into reach. */
  async see<T>(look: (frame: VideoFrame) => T, advanceMs = 20): Promise<T> {
    this.#time.advance(advanceMs);
    let frame = await this.output.nextFrame();
    while (this.output.waiting > 0) {
      frame.release();
      frame = await this.output.nextFrame();
    }
    try {
      return look(frame);
    } finally {
      frame.release();
    }
  }

  patch(): Promise<number> {
    return this.see((frame) => patchLuma(lumaOf(frame), frame));
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }
}

function describeCalibration(id: string): void {
  describe(`${id} scene`, () => {
    it('flips the patch on every key, mouse button and pad button', async () => {
      const scene = await new Scene(id).start();
      expect(await scene.patch()).toBeLessThan(40);
      scene.key('Space');
      expect(await scene.patch()).toBeGreaterThan(215);
      scene.send({ type: 'button', seq: 10, down: true, button: 0, x: 9, y: 9 });
      expect(await scene.patch()).toBeLessThan(40);
      scene.send({ type: 'pad-button', seq: 11, pad: 0, button: 3, down: true });
      expect(await scene.patch()).toBeGreaterThan(215);
      scene.send({ type: 'pointer-move', x: 1, y: 1, dx: 1, dy: 1 });
      expect(await scene.patch()).toBeGreaterThan(215);
      await scene.close();
    });

    it('shows two presses of one tick as a flip, not as none', async () => {
      const scene = await new Scene(id).start();
      scene.key('KeyA');
      scene.key('KeyB');
      expect(await scene.patch()).toBeGreaterThan(215);
      await scene.close();
    });

    it('carries frame number, input sequence and nonce in its strip', async () => {
      const scene = await new Scene(id).start();
      scene.key('KeyA');
      const [mark, frameNumber] = await scene.see((frame) => [
        decodeCalibrationMark(lumaOf(frame), frame),
        frame.frameNumber,
      ]);
      expect(mark).toEqual({ frameNumber, inputSeq: 2, nonce: calibrationNonce(SEED) });
      await scene.close();
    });

    it('clicks once for each flip and is silent otherwise', async () => {
      const scene = await new Scene(id).start();
      await scene.patch();
      scene.key('KeyA');
      for (let i = 0; i < 5; i++) await scene.patch();
      expect(scene.output.soundEnergy.filter((energy) => energy > 1)).toHaveLength(1);
      expect(scene.output.soundEnergy.filter((energy) => energy === 0).length).toBeGreaterThan(9);
      await scene.close();
    });

    it('moves more of the picture the higher its complexity', async () => {
      const scene = await new Scene(id).start();
      const copy = (frame: VideoFrame) => frame.pixels.slice();
      const changed = async (code: KeyCode) => {
        scene.key(code);
        await scene.see(() => 0);
        const before = await scene.see(copy);
        const after = await scene.see(copy);
        return after.reduce((sum, value, i) => sum + (value === before[i] ? 0 : 1), 0);
      };
      const still = await changed('Digit0');
      const some = await changed('Digit3');
      const more = await changed('Equal');
      const most = await changed('Digit9');
      expect(some).toBeGreaterThan(4 * still);
      expect(more).toBeGreaterThan(some);
      expect(most).toBeGreaterThan(more);
      await scene.close();
    });
  });
}

describeCalibration('calibration');

describeWithGpu('calibration on the GPU', await gpuUnderTest(), () => {
  describeCalibration('calibration-gpu');

  it('draws the same luma on the CPU and on the GPU', async () => {
    const scenes = [
      await new Scene('calibration').start(),
      await new Scene('calibration-gpu').start(),
    ];
    const pictures: number[][] = [];
    for (const scene of scenes) {
      for (let i = 0; i < 6; i++) await scene.patch();
      pictures.push(
        await scene.see((frame) => {
          const luma = lumaOf(frame);
          const all: number[] = [];
          for (let y = 0; y < SIZE.height; y++) {
            for (let x = 0; x < SIZE.width; x++) all.push(luma(x, y));
          }
          return all;
        }),
      );
      await scene.close();
    }
    const [cpu = [], gpu = []] = pictures;
    const worst = cpu.reduce((max, value, i) => Math.max(max, Math.abs(value - (gpu[i] ?? 0))), 0);
    expect(cpu).toHaveLength(SIZE.width * SIZE.height);
    expect(worst).toBeLessThan(1);
  });
});

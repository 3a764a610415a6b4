import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gameInfoSchema } from '../../../protocol/game-info.ts';
import type { GameHost } from '../../../renderer/built-in-game.ts';
import type { Rumble } from '../../../renderer/game-runtime.ts';
import { InputTracker } from '../../../renderer/input-state.ts';
import { decodeBestScore, encodeBestScore } from '../../../renderer/skimmer/best-score.ts';
import { createSkimmer } from '../../../renderer/skimmer/skimmer-game.ts';
import { skimmerInfo } from '../../../renderer/skimmer/skimmer-info.ts';
import type { GpuGame } from '../../../renderer/webgpu/gpu-game.ts';
import { describeWithGpu, gpuUnderTest } from '../../support/software-gpu.ts';

const WIDTH = 512;
const HEIGHT = 288;

const subject = await gpuUnderTest();

class Harness implements GameHost {
  readonly input = new InputTracker();
  readonly rumbles: Rumble[] = [];
  readonly #game: GpuGame;
  readonly #device: GPUDevice;
  #frame = 0;

  constructor(game: GpuGame, gpu: GPUDevice) {
    this.#game = game;
    this.#device = gpu;
    game.resize({ width: WIDTH, height: HEIGHT });
  }

  rumble(rumble: Rumble): void {
    this.rumbles.push(rumble);
  }

  setCursor(): void {}

  press(button: number): void {
    this.input.apply({ type: 'pad-button', seq: 1, pad: 1, button, down: true });
    this.tick(1);
    this.input.apply({ type: 'pad-button', seq: 2, pad: 1, button, down: false });
  }

  tick(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#frame++;
      this.#game.update(
        {
          dtS: 1 / 60,
          timeS: this.#frame / 60,
          frameNumber: this.#frame,
          inputSeq: 0,
          input: this.input,
        },
        this,
      );
      this.input.endTick();
    }
  }

  async picture(): Promise<Uint8Array> {
    const target = this.#device.createTexture({
      size: [WIDTH, HEIGHT],
      format: 'rgba8unorm',
      usage: GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC,
    });
    const copy = this.#device.createBuffer({
      size: WIDTH * HEIGHT * 4,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    const encoder = this.#device.createCommandEncoder();
    this.#game.draw(encoder, target.createView());
    encoder.copyTextureToBuffer({ texture: target }, { buffer: copy, bytesPerRow: WIDTH * 4 }, [
      WIDTH,
      HEIGHT,
    ]);
    this.#device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const pixels = new Uint8Array(copy.getMappedRange().slice(0));
    copy.destroy();
    target.destroy();
    return pixels;
  }
}

/** How many colours a picture has, in steps of 16. */
function colours(pixels: Uint8Array): number {
  const seen = new Set<number>();
  for (let i = 0; i < pixels.length; i += 4) {
    const [r, g, b] = [pixels[i] ?? 0, pixels[i + 1] ?? 0, pixels[i + 2] ?? 0];
    seen.add(((r >> 4) << 8) | ((g >> 4) << 4) | (b >> 4));
  }
  return seen.size;
}

function difference(a: Uint8Array, b: Uint8Array): number {
  let changed = 0;
  for (let i = 0; i < a.length; i += 4) if (a[i] !== b[i] || a[i + 1] !== b[i + 1]) changed++;
  return changed / (a.length / 4);
}

describe('what the library says of Skimmer', () => {
  it('fits the schema', () => {
    expect(gameInfoSchema.parse(skimmerInfo)).toEqual(skimmerInfo);
  });
});

describeWithGpu('Skimmer, drawn', subject, ({ device }) => {
  const errors: string[] = [];
  let game: GpuGame;
  let harness: Harness;

  beforeAll(async () => {
    device.addEventListener('uncapturederror', (event) => errors.push(event.error.message));
    game = await createSkimmer({ device, software: true }, { seed: 3, save: encodeBestScore(12) });
    harness = new Harness(game, device);
  });

  afterAll(() => game.close());

  it('draws a picture of many colours that moves with time', async () => {
    harness.tick(30);
    const first = await harness.picture();
    harness.tick(2);
    const second = await harness.picture();
    expect(colours(first)).toBeGreaterThan(100);
    expect(difference(first, second)).toBeGreaterThan(0.05);
    expect(errors).toEqual([]);
  });

  it('stands still in the pause, which losing the focus begins', async () => {
    harness.press(0);
    harness.tick(60);
    harness.input.apply({ type: 'release-all', seq: 3 });
    // Long enough for the picture to dim fully.
    harness.tick(200);
    const first = await harness.picture();
    harness.tick(30);
    expect(difference(first, await harness.picture())).toBe(0);
    harness.press(9);
  });

  it('rumbles the pad in use on each crash until the run is over, and saves the best score', () => {
    for (let i = 0; i < 60 * 120 && harness.rumbles.length < 3; i++) {
      harness.input.apply({
        type: 'pad-state',
        pad: 1,
        axes: [Math.sin(i / 50), 0, 0, 0],
        triggers: [0, 1],
      });
      harness.tick(1);
    }
    expect(harness.rumbles).toHaveLength(3);
    expect(new Set(harness.rumbles.map(({ pad }) => pad))).toEqual(new Set([1]));
    expect(decodeBestScore(game.save())).toBeGreaterThan(12);
  });

  it('draws at every size it is given', async () => {
    game.resize({ width: 1280, height: 720 });
    game.resize({ width: WIDTH, height: HEIGHT });
    expect(colours(await harness.picture())).toBeGreaterThan(50);
    expect(errors).toEqual([]);
  });
});

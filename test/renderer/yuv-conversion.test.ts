/// <reference types="@webgpu/types" />
import { describe, expect, it } from 'vitest';
import { frameBytes } from '../../renderer/game-runtime.ts';
import { YuvConversion } from '../../renderer/webgpu/yuv-conversion.ts';
import { describeWithGpu, gpuUnderTest } from '../support/software-gpu.ts';

const SIZE = { width: 64, height: 18 };

/** Every colour channel on its own, greys, and noise that differs from pixel to pixel. */
function testPicture(): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array(SIZE.width * SIZE.height * 4);
  let state = 12_345;
  for (let i = 0; i < rgba.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    rgba[i] = state >>> 24;
  }
  const bars = [0x000000, 0xffffff, 0xff0000, 0x00ff00, 0x0000ff, 0x808080, 0xffff00, 0x00ffff];
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < SIZE.width; x++) {
      const colour = bars[x >> 3] ?? 0;
      rgba.set([colour >> 16, colour >> 8, colour, 255], (y * SIZE.width + x) * 4);
    }
  }
  return rgba;
}

/** BT.709 limited range by the formulas of the recommendation, in double precision. */
function exactI420(rgba: Uint8Array): number[] {
  const { width, height } = SIZE;
  const channel = (x: number, y: number, c: number) => (rgba[(y * width + x) * 4 + c] ?? 0) / 255;
  const luma = (r: number, g: number, b: number) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const y: number[] = [];
  const u: number[] = [];
  const v: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let x = 0; x < width; x++) {
      y.push(16 + 219 * luma(channel(x, row, 0), channel(x, row, 1), channel(x, row, 2)));
      if (row % 2 || x % 2) continue;
      const mean = (c: number) =>
        (channel(x, row, c) +
          channel(x + 1, row, c) +
          channel(x, row + 1, c) +
          channel(x + 1, row + 1, c)) /
        4;
      const [r, g, b] = [mean(0), mean(1), mean(2)];
      u.push(128 + (224 * (b - luma(r, g, b))) / 1.8556);
      v.push(128 + (224 * (r - luma(r, g, b))) / 1.5748);
    }
  }
  return [...y, ...u, ...v];
}

describeWithGpu('conversion on the GPU', await gpuUnderTest(), ({ device }) => {
  describe('conversion to I420 on the GPU', () => {
    it('agrees with BT.709 to the last step of 8 bits', async () => {
      const rgba = testPicture();
      const size = [SIZE.width, SIZE.height];
      const texture = device.createTexture({
        size,
        format: 'rgba8unorm',
        usage: GPUTextureUsage.COPY_DST | GPUTextureUsage.TEXTURE_BINDING,
      });
      device.queue.writeTexture({ texture }, rgba, { bytesPerRow: SIZE.width * 4 }, size);
      const destination = device.createBuffer({
        size: frameBytes('i420', SIZE),
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      const conversion = await YuvConversion.create(device, texture, SIZE);
      const encoder = device.createCommandEncoder();
      conversion.record(encoder, destination);
      device.queue.submit([encoder.finish()]);
      await destination.mapAsync(GPUMapMode.READ);
      const converted = [...new Uint8Array(destination.getMappedRange())];
      destination.destroy();
      conversion.close();
      texture.destroy();

      const exact = exactI420(rgba);
      expect(converted).toHaveLength(exact.length);
      const worst = Math.max(...converted.map((value, i) => Math.abs(value - (exact[i] ?? 0))));
      expect(worst).toBeLessThanOrEqual(0.51);
    });
  });
});

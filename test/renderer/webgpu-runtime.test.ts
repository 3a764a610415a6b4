/// <reference types="@webgpu/types" />
import { describe, expect, it } from 'vitest';
import { BuiltInRuntime } from '../../renderer/built-in-runtime.ts';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';
import { PICTURE_BUFFERS } from '../../renderer/picture-buffers.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';
import type { GpuGame, GpuGameFactory } from '../../renderer/webgpu/gpu-game.ts';
import { openGpuPainter } from '../../renderer/webgpu/gpu-painter.ts';
import { describeTickingRuntime } from '../contract/ticking-runtime.ts';
import { CountingGame, countingInfo } from '../support/counting-game.ts';
import { RecordingOutput } from '../support/recording-output.ts';
import { describeWithGpu, gpuUnderTest } from '../support/software-gpu.ts';

/** Clears the picture to a level that changes with every tick. */
class CountingGpuGame extends CountingGame implements GpuGame {
  draw(encoder: GPUCommandEncoder, target: GPUTextureView): void {
    const clearValue = [this.level, 0.25, 0.5, 1];
    const attachment = { view: target, loadOp: 'clear', storeOp: 'store', clearValue } as const;
    encoder.beginRenderPass({ colorAttachments: [attachment] }).end();
  }
}

const createCounting: GpuGameFactory = async (_gpu, setup) => new CountingGpuGame(setup);

describeWithGpu('webgpu runtime', await gpuUnderTest(), ({ software, device }) => {
  for (const format of ['rgba', 'i420'] as const) {
    describeTickingRuntime(`a WebGPU game read back as ${format}`, {
      info: countingInfo,
      buffers: PICTURE_BUFFERS,
      saves: 'exact',
      create: (time) => new BuiltInRuntime(openGpuPainter(createCounting, { format }), time),
    });
  }

  const calibration = BUILT_IN_GAMES.get('calibration-gpu');
  if (!calibration) throw new Error('the catalogue has no calibration scene for the GPU');
  describeTickingRuntime('calibration-gpu', {
    info: calibration.info,
    buffers: PICTURE_BUFFERS,
    saves: 'none',
    create: (time) => calibration.createRuntime(time),
  });

  describe('WebGPU runtime', () => {
    const options = {
      game: countingInfo,
      resolution: { width: 512, height: 288 },
      frameRate: 50,
      seed: 1,
    };

    async function firstFrame(createGame: GpuGameFactory) {
      const time = new VirtualTime();
      const output = new RecordingOutput();
      const runtime = new BuiltInRuntime(openGpuPainter(createGame), {
        clock: time,
        scheduler: time,
      });
      await runtime.start(options, output);
      time.advance(0);
      return { output, runtime };
    }

    it('reads RGBA from a software GPU and I420 from a real one', async () => {
      const { output, runtime } = await firstFrame(createCounting);
      const frame = await output.nextFrame();
      expect(frame.format).toBe(software ? 'rgba' : 'i420');
      frame.release();
      await runtime.close();
    });

    it('fails to start where a shader does not compile', async () => {
      const broken: GpuGameFactory = async ({ device }, setup) => {
        device.createShaderModule({ code: 'this is no WGSL' });
        return new CountingGpuGame(setup);
      };
      await expect(firstFrame(broken)).rejects.toMatchObject({ code: 'game-failed' });
    });

    it('reports a command that the GPU refuses', async () => {
      class Refused extends CountingGpuGame {
        override draw(encoder: GPUCommandEncoder): void {
          encoder.popDebugGroup();
        }
      }
      const { output, runtime } = await firstFrame(async (_gpu, setup) => new Refused(setup));
      expect((await output.failure()).code).toBe('game-failed');
      await runtime.close();
    });

    it('reports a game that throws while it draws', async () => {
      class Tripping extends CountingGpuGame {
        override draw(): void {
          throw new Error('the brush broke');
        }
      }
      const { output, runtime } = await firstFrame(async (_gpu, setup) => new Tripping(setup));
      expect((await output.failure()).message).toBe('the brush broke');
      await runtime.close();
    });

    // The last one: it takes the device away from this process.
    it('reports a lost device, and opens another for the next session', async () => {
      const { output, runtime } = await firstFrame(createCounting);
      (await output.nextFrame()).release();
      device.destroy();
      expect((await output.failure()).code).toBe('no-gpu');
      await runtime.close();
      const next = await firstFrame(createCounting);
      (await next.output.nextFrame()).release();
      await next.runtime.close();
    });
  });
});

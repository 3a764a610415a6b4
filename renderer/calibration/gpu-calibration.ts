/// <reference types="@webgpu/types" />
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { GameHost, Tick } from '../built-in-game.ts';
import { type GpuGame, type GpuGameFactory, TARGET_FORMAT } from '../webgpu/gpu-game.ts';
import { CalibrationScene } from './calibration-scene.ts';
import { RECTANGLE_FIELDS } from './rectangle-list.ts';
import { BACKGROUND_LUMA } from './scene-picture.ts';

/**
 * One draw call of plain triangles with the colour worked out per corner. A software driver spends
 * 20 ms of CPU time on one integer hash for each pixel of 720p, and 40 µs on each instance of an
 * instanced draw; this takes 2 ms.
 */
const SHADER = `
struct Corner {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat) colour: vec3f,
}
override width: f32;
override height: f32;
@group(0) @binding(0) var<storage, read> rectangles: array<vec4u>;

@vertex fn place(@builtin(vertex_index) index: u32) -> Corner {
  let packed = rectangles[index / 6u];
  let corner = index % 6u;
  let right = f32(corner == 1u || corner == 3u || corner == 4u);
  let bottom = f32(corner == 2u || corner == 4u || corner == 5u);
  let at = vec2f(vec2u(packed.x & 0xffffu, packed.x >> 16u));
  let size = vec2f(vec2u(packed.y & 0xffffu, packed.y >> 16u));
  let pixel = at + size * vec2f(right, bottom);
  let y = (f32(packed.z & 0xffffu) - 16.0) / 219.0;
  let cb = (f32(packed.z >> 16u) - 128.0) / 224.0;
  let cr = (f32(packed.w) - 128.0) / 224.0;
  let colour = vec3f(y + 1.5748 * cr, y - 0.1873 * cb - 0.4681 * cr, y + 1.8556 * cb);
  return Corner(vec4f(pixel / vec2f(width, height) * vec2f(2, -2) + vec2f(-1, 1), 0, 1), colour);
}

@fragment fn paint(corner: Corner) -> @location(0) vec4f {
  return vec4f(corner.colour, 1);
}`;

/** The measuring scene drawn by the GPU: the same rectangles as on the CPU. */
class GpuCalibration implements GpuGame {
  readonly #device: GPUDevice;
  readonly #module: GPUShaderModule;
  readonly #scene: CalibrationScene;
  readonly #rectangles: GPUBuffer;
  #pipeline: GPURenderPipeline | undefined;
  #bindings: GPUBindGroup | undefined;

  constructor(device: GPUDevice, seed: number) {
    this.#device = device;
    this.#module = device.createShaderModule({ label: 'calibration', code: SHADER });
    this.#scene = new CalibrationScene(seed);
    this.#rectangles = device.createBuffer({
      label: 'rectangles',
      size: this.#scene.rectangles.fields.byteLength,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
  }

  resize(resolution: Resolution): void {
    this.#scene.resize(resolution);
    const module = this.#module;
    const { width, height } = resolution;
    const pipeline = this.#device.createRenderPipeline({
      layout: 'auto',
      vertex: { module, entryPoint: 'place', constants: { width, height } },
      fragment: { module, entryPoint: 'paint', targets: [{ format: TARGET_FORMAT }] },
    });
    this.#pipeline = pipeline;
    this.#bindings = this.#device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: { buffer: this.#rectangles } }],
    });
  }

  update(tick: Tick, host: GameHost): void {
    this.#scene.update(tick, host);
  }

  draw(encoder: GPUCommandEncoder, target: GPUTextureView): void {
    if (!this.#pipeline || !this.#bindings) return;
    const { fields, length } = this.#scene.rectangles;
    this.#device.queue.writeBuffer(this.#rectangles, 0, fields, 0, length * RECTANGLE_FIELDS);
    const grey = (BACKGROUND_LUMA - 16) / 219;
    const pass = encoder.beginRenderPass({
      colorAttachments: [
        { view: target, loadOp: 'clear', storeOp: 'store', clearValue: [grey, grey, grey, 1] },
      ],
    });
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#bindings);
    pass.draw(length * 6);
    pass.end();
  }

  fillSound(samples: Float32Array): void {
    this.#scene.clicks.fill(samples);
  }

  save(): Uint8Array | undefined {
    return undefined;
  }

  close(): void {
    this.#rectangles.destroy();
  }
}

export const createGpuCalibration: GpuGameFactory = async ({ device }, { seed }) =>
  new GpuCalibration(device, seed);

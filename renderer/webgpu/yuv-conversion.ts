/// <reference types="@webgpu/types" />
import type { Resolution } from '../../protocol/stream-settings.ts';
import { frameBytes } from '../game-runtime.ts';

/** One invocation converts 8 × 2 pixels: whole 32-bit words of all three planes. */
const BLOCK_WIDTH = 8;
const BLOCK_HEIGHT = 2;
const WORKGROUP = 8;

/**
 * BT.709 limited range (ITU-R BT.709-6 §3): Y′ 16–235 and C 16–240 in 8 bits; chroma is the mean of
 * 2 × 2 pixels (sited in their middle, as MPEG-1 and JPEG do, which is what swscale's area average
 * does too and what no encoder signals differently by default).
 */
const SHADER = `
override width: u32;
override height: u32;
@group(0) @binding(0) var source: texture_2d<f32>;
@group(0) @binding(1) var<storage, read_write> planes: array<u32>;

const LUMA = vec3f(0.2126, 0.7152, 0.0722);

fn byte(value: f32) -> u32 { return u32(clamp(value + 0.5, 0.0, 255.0)); }

@compute @workgroup_size(${WORKGROUP}, ${WORKGROUP})
fn convert(@builtin(global_invocation_id) id: vec3u) {
  let x = id.x * ${BLOCK_WIDTH}u;
  let y = id.y * ${BLOCK_HEIGHT}u;
  if (x >= width || y >= height) { return; }
  var sums: array<vec3f, 4>;
  for (var row = 0u; row < ${BLOCK_HEIGHT}u; row++) {
    var words = vec2u(0u);
    for (var column = 0u; column < ${BLOCK_WIDTH}u; column++) {
      let colour = textureLoad(source, vec2u(x + column, y + row), 0).rgb;
      sums[column / 2u] += colour;
      words[column / 4u] |= byte(16.0 + 219.0 * dot(colour, LUMA)) << (8u * (column % 4u));
    }
    let word = ((y + row) * width + x) / 4u;
    planes[word] = words.x;
    planes[word + 1u] = words.y;
  }
  var blues = 0u;
  var reds = 0u;
  for (var i = 0u; i < 4u; i++) {
    let colour = sums[i] * 0.25;
    let luma = dot(colour, LUMA);
    blues |= byte(128.0 + 224.0 * (colour.b - luma) / 1.8556) << (8u * i);
    reds |= byte(128.0 + 224.0 * (colour.r - luma) / 1.5748) << (8u * i);
  }
  let chroma = (width * height + (y / 2u) * (width / 2u) + x / 2u) / 4u;
  planes[chroma] = blues;
  planes[chroma + width * height / 16u] = reds;
}`;

/**
 * Converts a finished RGBA picture to I420 where it lies: 1.5 instead of 4 bytes a pixel to read
 * back, and no conversion on the CPU. For real GPUs; a software driver takes 40 ms for it at 720p.
 */
export class YuvConversion {
  readonly #pipeline: GPUComputePipeline;
  readonly #bindings: GPUBindGroup;
  readonly #planes: GPUBuffer;
  readonly #size: Resolution;

  /** @param resolution width a multiple of 8, height of 2, as all resolutions on offer are. */
  static async create(
    device: GPUDevice,
    source: GPUTexture,
    resolution: Resolution,
  ): Promise<YuvConversion> {
    const { width, height } = resolution;
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: {
        module: device.createShaderModule({ label: 'yuv', code: SHADER }),
        constants: { width, height },
      },
    });
    return new YuvConversion(device, pipeline, source, resolution);
  }

  private constructor(
    device: GPUDevice,
    pipeline: GPUComputePipeline,
    source: GPUTexture,
    size: Resolution,
  ) {
    this.#pipeline = pipeline;
    this.#size = size;
    this.#planes = device.createBuffer({
      label: 'i420',
      size: frameBytes('i420', size),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    });
    this.#bindings = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: source.createView() },
        { binding: 1, resource: { buffer: this.#planes } },
      ],
    });
  }

  /** Records the conversion and the copy of all three planes into `destination`. */
  record(encoder: GPUCommandEncoder, destination: GPUBuffer): void {
    const { width, height } = this.#size;
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#bindings);
    pass.dispatchWorkgroups(
      Math.ceil(width / (BLOCK_WIDTH * WORKGROUP)),
      Math.ceil(height / (BLOCK_HEIGHT * WORKGROUP)),
    );
    pass.end();
    encoder.copyBufferToBuffer(this.#planes, 0, destination, 0, destination.size);
  }

  close(): void {
    this.#planes.destroy();
  }
}

/// <reference types="@webgpu/types" />
import type { Resolution } from '../../protocol/stream-settings.ts';
import { type GpuContext, TARGET_FORMAT } from '../webgpu/gpu-game.ts';
import { buildBackdropMesh } from './backdrop-mesh.ts';
import { BACKDROP_WGSL } from './backdrop-shader.ts';
import { addBoat } from './boat-mesh.ts';
import type { FontAtlas } from './font-atlas.ts';
import { FRAME_FLOATS } from './frame-data.ts';
import { HUD_WGSL } from './hud-shader.ts';
import type { InstanceList } from './instance-list.ts';
import { addRock, ROCK_SHAPES } from './rock-mesh.ts';
import type { Scene } from './scene.ts';
import { buildSeaMesh } from './sea-mesh.ts';
import { SEA_WGSL } from './sea-shader.ts';
import { SHARD_WGSL } from './shard-shader.ts';
import { SolidBuilder } from './solid-mesh.ts';
import { SOLID_WGSL } from './solid-shader.ts';
import { SPRITE_WGSL } from './sprite-shader.ts';
import { TRAIL_WGSL } from './trail-shader.ts';

const DEPTH_FORMAT: GPUTextureFormat = 'depth24plus';
/** Premultiplied: colour adds, alpha covers. */
const OVER: GPUBlendState = {
  color: { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' },
  alpha: { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' },
};

interface Range {
  readonly first: number;
  readonly count: number;
}

interface PipelineShape {
  readonly code: string;
  readonly layout: GPUPipelineLayout;
  readonly buffers: GPUVertexBufferLayout[];
  readonly topology?: GPUPrimitiveTopology;
  readonly blend?: GPUBlendState;
  /** Bounds solid things, so that half of it always faces away. */
  readonly closed?: boolean;
  /** Painted in order unless it takes part in the depth test. */
  readonly depth?: 'test' | 'test-and-write';
}

/** A layout of consecutive float attributes: `sizes` are floats each, from location `first` on. */
function floats(
  sizes: readonly (1 | 2 | 3 | 4)[],
  stepMode: GPUVertexStepMode = 'vertex',
  first = 0,
): GPUVertexBufferLayout {
  const formats = { 1: 'float32', 2: 'float32x2', 3: 'float32x3', 4: 'float32x4' } as const;
  let offset = 0;
  const attributes = sizes.map((size, i): GPUVertexAttribute => {
    const attribute = { shaderLocation: first + i, offset: 4 * offset, format: formats[size] };
    offset += size;
    return attribute;
  });
  return { arrayStride: 4 * offset, stepMode, attributes };
}

/** Draws a {@link Scene} in one render pass: back to front, the depth test for solid things alone. */
export class SceneRenderer {
  readonly #device: GPUDevice;
  readonly #samples: number;
  readonly #frame: GPUBuffer;
  readonly #frameGroup: GPUBindGroup;
  readonly #hudGroup: GPUBindGroup;
  readonly #pipelines: Pipelines;
  readonly #backdrop: GPUBuffer;
  readonly #backdropIndices: GPUBuffer;
  readonly #backdropCount: number;
  readonly #starCount: number;
  readonly #sea: GPUBuffer;
  readonly #seaIndices: GPUBuffer;
  readonly #seaCount: number;
  readonly #solids: GPUBuffer;
  readonly #boat: Range;
  readonly #rocks: readonly Range[];
  readonly #lists = new Map<InstanceList, GPUBuffer>();
  readonly #groups = new Map<InstanceList, GPUBindGroup>();
  readonly #textures: GPUTexture[] = [];
  #depth: GPUTextureView | undefined;
  #multisampled: GPUTextureView | undefined;

  private constructor(device: GPUDevice, samples: number, pipelines: Pipelines, font: FontAtlas) {
    this.#device = device;
    this.#samples = samples;
    this.#pipelines = pipelines;
    this.#frame = device.createBuffer({
      size: 4 * FRAME_FLOATS,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#frameGroup = device.createBindGroup({
      layout: pipelines.frameLayout,
      entries: [{ binding: 0, resource: { buffer: this.#frame } }],
    });
    this.#hudGroup = device.createBindGroup({
      layout: pipelines.hudLayout,
      entries: [
        { binding: 0, resource: this.#uploadFont(font).createView() },
        {
          binding: 1,
          resource: device.createSampler({ magFilter: 'linear', minFilter: 'linear' }),
        },
      ],
    });
    const backdrop = buildBackdropMesh();
    this.#backdrop = this.#upload(backdrop.vertices, GPUBufferUsage.VERTEX);
    this.#backdropIndices = this.#upload(backdrop.indices, GPUBufferUsage.INDEX);
    this.#starCount = backdrop.starIndices;
    this.#backdropCount = backdrop.indices.length - backdrop.starIndices;
    const sea = buildSeaMesh();
    this.#sea = this.#upload(sea.vertices, GPUBufferUsage.VERTEX);
    this.#seaIndices = this.#upload(sea.indices, GPUBufferUsage.INDEX);
    this.#seaCount = sea.indices.length;
    const solids = new SolidBuilder();
    const range = (add: () => void): Range => {
      const first = solids.vertexCount;
      add();
      return { first, count: solids.vertexCount - first };
    };
    this.#boat = range(() => addBoat(solids));
    this.#rocks = Array.from({ length: ROCK_SHAPES }, (_, shape) =>
      range(() => addRock(solids, shape)),
    );
    this.#solids = this.#upload(solids.finish(), GPUBufferUsage.VERTEX);
  }

  /** Compiles the pipelines side by side. A real GPU smooths edges by multisampling. */
  static async create({ device, software }: GpuContext, font: FontAtlas): Promise<SceneRenderer> {
    const samples = software ? 1 : 4;
    return new SceneRenderer(device, samples, await createPipelines(device, samples), font);
  }

  resize({ width, height }: Resolution): void {
    for (const texture of this.#textures.splice(0)) texture.destroy();
    const attachment = (format: GPUTextureFormat) => {
      const texture = this.#device.createTexture({
        size: [width, height],
        format,
        sampleCount: this.#samples,
        usage: GPUTextureUsage.RENDER_ATTACHMENT,
      });
      this.#textures.push(texture);
      return texture.createView();
    };
    this.#depth = attachment(DEPTH_FORMAT);
    this.#multisampled = this.#samples > 1 ? attachment(TARGET_FORMAT) : undefined;
  }

  draw(
    encoder: GPUCommandEncoder,
    target: GPUTextureView,
    frame: Float32Array<ArrayBuffer>,
    night: boolean,
    scene: Scene,
    marks: InstanceList,
  ): void {
    if (!this.#depth) return;
    this.#device.queue.writeBuffer(this.#frame, 0, frame);
    const pass = encoder.beginRenderPass({
      colorAttachments: [
        {
          view: this.#multisampled ?? target,
          ...(this.#multisampled ? { resolveTarget: target } : {}),
          loadOp: 'clear',
          storeOp: this.#multisampled ? 'discard' : 'store',
          clearValue: [0.05, 0.08, 0.2, 1],
        },
      ],
      depthStencilAttachment: {
        view: this.#depth,
        depthLoadOp: 'clear',
        depthStoreOp: 'discard',
        depthClearValue: 1,
      },
    });
    const { backdrop, sea, trail, solid, shard, sprite, hud } = this.#pipelines;
    pass.setBindGroup(0, this.#frameGroup);
    pass.setPipeline(backdrop);
    pass.setVertexBuffer(0, this.#backdrop);
    pass.setIndexBuffer(this.#backdropIndices, 'uint16');
    pass.drawIndexed(this.#backdropCount + (night ? this.#starCount : 0));
    pass.setPipeline(sea);
    pass.setVertexBuffer(0, this.#sea);
    pass.setIndexBuffer(this.#seaIndices, 'uint16');
    pass.drawIndexed(this.#seaCount);
    pass.setPipeline(trail);
    pass.setVertexBuffer(0, this.#write(scene.foam));
    pass.draw(scene.foam.count);
    pass.setPipeline(solid);
    pass.setVertexBuffer(0, this.#solids);
    this.#drawSolids(pass, scene.boat, this.#boat);
    for (const [shape, range] of this.#rocks.entries()) {
      const list = scene.rocks[shape];
      if (list) this.#drawSolids(pass, list, range);
    }
    this.#drawPulled(pass, shard, scene.shards, 3);
    this.#drawPulled(pass, sprite, scene.sprites, 6);
    pass.setBindGroup(0, this.#hudGroup);
    this.#drawPulled(pass, hud, marks, 6);
    pass.end();
  }

  close(): void {
    for (const texture of this.#textures.splice(0)) texture.destroy();
  }

  #drawSolids(pass: GPURenderPassEncoder, list: InstanceList, range: Range): void {
    if (list.count === 0) return;
    pass.setVertexBuffer(1, this.#write(list));
    pass.draw(range.count, list.count, range.first);
  }

  /** Draws records that the shader pulls by vertex number. */
  #drawPulled(
    pass: GPURenderPassEncoder,
    pipeline: GPURenderPipeline,
    list: InstanceList,
    vertices: number,
  ): void {
    if (list.count === 0) return;
    const buffer = this.#write(list);
    let group = this.#groups.get(list);
    if (!group) {
      group = this.#device.createBindGroup({
        layout: this.#pipelines.listLayout,
        entries: [{ binding: 0, resource: { buffer } }],
      });
      this.#groups.set(list, group);
    }
    pass.setPipeline(pipeline);
    pass.setBindGroup(1, group);
    pass.draw(vertices * list.count);
  }

  /** Uploads what a list holds this frame. */
  #write(list: InstanceList): GPUBuffer {
    let buffer = this.#lists.get(list);
    if (!buffer) {
      buffer = this.#device.createBuffer({
        size: list.data.byteLength,
        usage: GPUBufferUsage.VERTEX | GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
      });
      this.#lists.set(list, buffer);
    }
    this.#device.queue.writeBuffer(buffer, 0, list.data, 0, list.count * list.stride);
    return buffer;
  }

  #upload(data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>, usage: number): GPUBuffer {
    // Writes come in multiples of four bytes.
    const size = Math.ceil(data.byteLength / 4) * 4;
    const buffer = this.#device.createBuffer({ size, usage, mappedAtCreation: true });
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer));
    buffer.unmap();
    return buffer;
  }

  #uploadFont({ width, height, texels }: FontAtlas): GPUTexture {
    const texture = this.#device.createTexture({
      size: [width, height],
      format: 'r8unorm',
      usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
    });
    this.#device.queue.writeTexture({ texture }, texels, { bytesPerRow: width }, [width, height]);
    return texture;
  }
}

interface Pipelines {
  readonly frameLayout: GPUBindGroupLayout;
  readonly listLayout: GPUBindGroupLayout;
  readonly hudLayout: GPUBindGroupLayout;
  readonly backdrop: GPURenderPipeline;
  readonly sea: GPURenderPipeline;
  readonly trail: GPURenderPipeline;
  readonly solid: GPURenderPipeline;
  readonly shard: GPURenderPipeline;
  readonly sprite: GPURenderPipeline;
  readonly hud: GPURenderPipeline;
}

async function createPipelines(device: GPUDevice, samples: number): Promise<Pipelines> {
  const frameLayout = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: GPUShaderStage.VERTEX, buffer: { type: 'uniform' } }],
  });
  const listLayout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility: GPUShaderStage.VERTEX, buffer: { type: 'read-only-storage' } },
    ],
  });
  const hudLayout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility: GPUShaderStage.FRAGMENT, texture: {} },
      { binding: 1, visibility: GPUShaderStage.FRAGMENT, sampler: {} },
    ],
  });
  const layout = device.createPipelineLayout({ bindGroupLayouts: [frameLayout] });
  const pulledLayout = device.createPipelineLayout({
    bindGroupLayouts: [frameLayout, listLayout],
  });
  const build = (shape: PipelineShape) => {
    const module = device.createShaderModule({ code: shape.code });
    return device.createRenderPipelineAsync({
      layout: shape.layout,
      vertex: { module, entryPoint: 'vertexMain', buffers: shape.buffers },
      fragment: {
        module,
        entryPoint: 'fragmentMain',
        targets: [{ format: TARGET_FORMAT, ...(shape.blend ? { blend: shape.blend } : {}) }],
      },
      primitive: {
        topology: shape.topology ?? 'triangle-list',
        frontFace: 'cw',
        cullMode: shape.closed ? 'back' : 'none',
      },
      depthStencil: {
        format: DEPTH_FORMAT,
        depthCompare: shape.depth ? 'less' : 'always',
        depthWriteEnabled: shape.depth === 'test-and-write',
      },
      multisample: { count: samples },
    });
  };
  const [backdrop, sea, trail, solid, shard, sprite, hud] = await Promise.all([
    build({ code: BACKDROP_WGSL, layout, buffers: [floats([3, 1, 1])] }),
    build({ code: SEA_WGSL, layout, buffers: [floats([3])] }),
    build({
      code: TRAIL_WGSL,
      layout,
      buffers: [floats([3, 1])],
      topology: 'triangle-strip',
      blend: OVER,
    }),
    build({
      code: SOLID_WGSL,
      layout,
      buffers: [floats([3, 3, 4]), floats([4, 4, 4], 'instance', 3)],
      closed: true,
      depth: 'test-and-write',
    }),
    build({ code: SHARD_WGSL, layout: pulledLayout, buffers: [], depth: 'test-and-write' }),
    build({ code: SPRITE_WGSL, layout: pulledLayout, buffers: [], blend: OVER, depth: 'test' }),
    build({
      code: HUD_WGSL,
      layout: device.createPipelineLayout({ bindGroupLayouts: [hudLayout, listLayout] }),
      buffers: [],
      blend: OVER,
    }),
  ]);
  return { frameLayout, listLayout, hudLayout, backdrop, sea, trail, solid, shard, sprite, hud };
}

/// <reference types="@webgpu/types" />
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { BuiltInGame, GameSetup } from '../built-in-game.ts';

/** Format of the texture that every GPU game draws its finished picture into. */
export const TARGET_FORMAT: GPUTextureFormat = 'rgba8unorm';

export interface GpuContext {
  readonly device: GPUDevice;
  /** True where the "GPU" is a software driver: spend as little per pixel as the art allows. */
  readonly software: boolean;
}

/** A game drawn with WebGPU. */
export interface GpuGame extends BuiltInGame {
  /** Makes size-dependent textures; called before the first draw and after every change of size. */
  resize(resolution: Resolution): void;
  /** Records the passes that draw the current state into `target` ({@link TARGET_FORMAT}). */
  draw(encoder: GPUCommandEncoder, target: GPUTextureView): void;
}

/** Compiles pipelines and uploads what does not change. */
export type GpuGameFactory = (gpu: GpuContext, setup: GameSetup) => Promise<GpuGame>;

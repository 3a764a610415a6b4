import { availableParallelism, totalmem } from 'node:os';
import { buildLimitsSchema } from '../../protocol/build-manifest.ts';
import {
  buildNeeds,
  GAME_CPUS,
  GAME_GPU_MEMORY_BYTES,
  WORKER_MEMORY_BYTES,
} from '../../protocol/build-needs.ts';
import type { Capacity } from '../../protocol/capacity.ts';
import type { ContainerGame, EncoderReport, GpuReport } from '../../protocol/container-messages.ts';
import { DEFAULT_FRAME_RATE, type Resolution } from '../../protocol/stream-settings.ts';
import type { Build } from '../../renderer/builds/build-folder.ts';

/** Encoders in software may take this share of the machine; the rest is for the games. */
const SOFTWARE_ENCODER_SHARE = 0.5;
/** An encoder of the GPU has nothing else to do; the rest is for keyframes. */
const HARDWARE_ENCODER_SHARE = 0.9;

/** What the worker takes of a core for the stream alone: 7 % the transport, the rest to encode. */
const STREAM_CPUS = 0.5;

/** No container has more sessions than the protocol can tell. */
const MAX_SLOTS = 1024;

export interface MeasuredMachine {
  readonly encoders: readonly EncoderReport[];
  readonly gpu: GpuReport;
  /** Undefined where nobody can tell: then it limits nothing. */
  readonly gpuMemoryBytes: number | undefined;
}

/** What a session of a game takes of this machine, before a player chose anything. */
export function gameNeeds(
  resolution: Resolution,
  build: Build | undefined,
  needsGpu: boolean,
  { gpu, gpuMemoryBytes }: MeasuredMachine,
): Capacity {
  const onGpu = gpu.kind === 'hardware' && gpuMemoryBytes !== undefined;
  if (build) return buildNeeds({ ...build.manifest, resolution }, onGpu);
  return {
    pixelsPerSecond: resolution.width * resolution.height * DEFAULT_FRAME_RATE,
    cpus: needsGpu && gpu.kind === 'software' ? GAME_CPUS : STREAM_CPUS,
    memoryBytes: WORKER_MEMORY_BYTES,
    gpuMemoryBytes: onGpu && needsGpu ? GAME_GPU_MEMORY_BYTES : 0,
  };
}

/** What a build takes that says no more of itself than it must. */
export function usualBuildNeeds({ gpu, gpuMemoryBytes }: MeasuredMachine): Capacity {
  const usual = { resolution: { width: 1280, height: 720 }, limits: buildLimitsSchema.parse({}) };
  return buildNeeds(usual, gpu.kind === 'hardware' && gpuMemoryBytes !== undefined);
}

/**
 * What all sessions of this machine share. The neediest game always fits an empty machine: a stream
 * adapts to what there is.
 * @param askedSlots sessions that the operator wants: then those many fit, whatever was measured, but
 * for memory.
 */
export function machineCapacity(
  { encoders, gpuMemoryBytes }: MeasuredMachine,
  games: readonly Pick<ContainerGame, 'needs'>[],
  askedSlots: number | undefined,
): Capacity {
  const most = (part: 'pixelsPerSecond' | 'cpus') =>
    Math.max(0, ...games.map(({ needs }) => needs[part])) * (askedSlots ?? 1);
  const encoded = Math.max(
    0,
    ...encoders.map(
      ({ pixelsPerSecond, hardware }) =>
        pixelsPerSecond * (hardware ? HARDWARE_ENCODER_SHARE : SOFTWARE_ENCODER_SHARE),
    ),
  );
  return {
    pixelsPerSecond: Math.max(most('pixelsPerSecond'), encoded),
    cpus: Math.max(most('cpus'), availableParallelism()),
    // In a control group that is less than what the machine has.
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    gpuMemoryBytes: gpuMemoryBytes ?? 0,
  };
}

/** Sessions at once that the capacity has room for, if all are of the game that takes the least. */
export function mostSessions(
  capacity: Capacity,
  games: readonly Pick<ContainerGame, 'needs'>[],
  portsForSlots: number,
): number {
  const least = (part: 'pixelsPerSecond' | 'cpus') =>
    Math.min(...games.map(({ needs }) => needs[part]));
  const fit = Math.min(
    capacity.pixelsPerSecond / least('pixelsPerSecond'),
    capacity.cpus / least('cpus'),
    portsForSlots,
    MAX_SLOTS,
  );
  return Math.max(1, Math.floor(fit || 0));
}

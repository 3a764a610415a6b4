import type { BuildManifest } from './build-manifest.ts';
import type { Capacity } from './capacity.ts';
import { DEFAULT_FRAME_RATE } from './stream-settings.ts';

const MIB = 2 ** 20;

/** A worker with a game built in was measured at 246 MiB. */
export const WORKER_MEMORY_BYTES = 256 * MIB;
/** A build may have more, as far as its limit goes; few do at once. */
const BUILD_MEMORY_BYTES = 1024 * MIB;
/** What a game keeps busy where it draws by itself or on a GPU in software. */
export const GAME_CPUS = 1;
/** Textures and read-back buffers of a game built in are a tenth of it; builds are not known. */
export const GAME_GPU_MEMORY_BYTES = 512 * MIB;

/** What of a build says what it takes. */
interface NeedyBuild extends Pick<BuildManifest, 'resolution'> {
  readonly limits: Pick<BuildManifest['limits'], 'cpus' | 'memoryMib'>;
}

/** What a session of a build takes of a machine, before a player chose anything. */
export function buildNeeds({ resolution, limits }: NeedyBuild, hasKnownGpu: boolean): Capacity {
  return {
    pixelsPerSecond: resolution.width * resolution.height * DEFAULT_FRAME_RATE,
    cpus: Math.min(GAME_CPUS, limits.cpus),
    memoryBytes: WORKER_MEMORY_BYTES + Math.min(BUILD_MEMORY_BYTES, limits.memoryMib * MIB),
    gpuMemoryBytes: hasKnownGpu ? GAME_GPU_MEMORY_BYTES : 0,
  };
}

/**
 * What a session of a studio's build takes of a machine that has told what it has. Signaling and the
 * container reckon the same. A machine that is too slow for it takes it when it has nothing else to do:
 * a stream adapts to what there is, and only memory does not.
 */
export function studioBuildNeeds(
  manifest: NeedyBuild,
  { capacity, gpu }: { readonly capacity: Capacity; readonly gpu: { readonly kind: string } },
): Capacity {
  const needs = buildNeeds(manifest, gpu.kind === 'hardware' && capacity.gpuMemoryBytes > 0);
  return {
    ...needs,
    pixelsPerSecond: Math.min(needs.pixelsPerSecond, capacity.pixelsPerSecond),
    cpus: Math.min(needs.cpus, capacity.cpus),
  };
}

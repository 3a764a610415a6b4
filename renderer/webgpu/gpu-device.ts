/// <reference types="@webgpu/types" />
import type { GpuReport } from '../../protocol/container-messages.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { GpuContext } from './gpu-game.ts';
import { loaderHasDrivers, softwareDriverFiles } from './vulkan-drivers.ts';

const HOW_TO_GET_ONE =
  'Games drawn with WebGPU need Vulkan. With a graphics card: install its driver and libvulkan1. ' +
  'Without one a software driver will do: on Debian "apt install libvulkan1 chromium" ' +
  '(Chromium brings SwiftShader), on Ubuntu 24.04 or later "apt install libvulkan1 mesa-vulkan-drivers".';

/** The GPU of this process. */
export interface Gpu extends GpuContext {
  readonly report: GpuReport;
  /**
   * Tells of errors that belong to no call: a lost device (`no-gpu`), a command that was refused
   * (`game-failed`). The returned function ends it.
   */
  watch(handleFailure: (error: RockpoolError) => void): () => void;
}

/** What the process must hold on to: see `keepAlive`. */
export interface OpenedGpu {
  readonly instance: GPU;
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
}

/**
 * Dawn's objects for the life of the process. The binding lets each be collected while calls on the
 * others are under way, and the next mapAsync then ends the process with a segmentation fault.
 */
const keepAlive: OpenedGpu[] = [];

let opening: Promise<Gpu> | undefined;

/**
 * The one GPU device of this process, opened on the first call: a real one, or else a software
 * driver. After a failure the next call tries again.
 * @throws RockpoolError `no-gpu` that says what to install.
 */
export function openGpu(): Promise<Gpu> {
  opening ??= open().catch((thrown) => {
    opening = undefined;
    throw toRockpoolError(thrown, 'no-gpu');
  });
  return opening;
}

async function open(): Promise<Gpu> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const opened = await openFirst(create, {
    loaderHasDrivers: loaderHasDrivers(),
    softwareFiles: softwareDriverFiles(),
  });
  keepAlive.push(opened);
  return watchable(opened);
}

/** Where to look for Vulkan. */
export interface VulkanDrivers {
  /** Whether the loader finds drivers by itself, which may be of real GPUs: then they come first. */
  readonly loaderHasDrivers: boolean;
  /** Manifests of software drivers, best first. */
  readonly softwareFiles: readonly string[];
}

/**
 * The first device that opens.
 * @param create the function of the `webgpu` package.
 * @throws RockpoolError `no-gpu` where none does.
 */
export async function openFirst(
  create: (options: string[]) => GPU,
  drivers: VulkanDrivers,
): Promise<OpenedGpu> {
  const refusals: unknown[] = [];
  const attempt = async (): Promise<OpenedGpu | undefined> => {
    try {
      const instance = create([]);
      const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
      if (!adapter) return undefined;
      return { instance, adapter, device: await adapter.requestDevice() };
    } catch (thrown) {
      refusals.push(thrown);
      return undefined;
    }
  };
  const attempts = drivers.softwareFiles.map((file) => () => withDriver(file, attempt));
  if (drivers.loaderHasDrivers) attempts.unshift(attempt);
  else attempts.push(attempt);
  for (const next of attempts) {
    const opened = await next();
    if (opened) return opened;
  }
  throw new RockpoolError('no-gpu', HOW_TO_GET_ONE, { cause: refusals[0] });
}

/**
 * The Vulkan loader reads the variable whenever an instance is made, so a second attempt in the same
 * process sees it. It is put back for the sake of child processes.
 */
async function withDriver<T>(file: string, task: () => Promise<T>): Promise<T> {
  const before = process.env.VK_DRIVER_FILES;
  process.env.VK_DRIVER_FILES = file;
  try {
    return await task();
  } finally {
    if (before === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = before;
  }
}

function watchable({ adapter, device }: OpenedGpu): Gpu {
  const { info } = adapter;
  const software = info.isFallbackAdapter;
  const watchers = new Set<(error: RockpoolError) => void>();
  const tell = (error: RockpoolError) => {
    for (const handleFailure of [...watchers]) handleFailure(error);
  };
  void device.lost.then(({ message }) => {
    opening = undefined;
    tell(new RockpoolError('no-gpu', `The graphics device was lost: ${message}`));
  });
  device.addEventListener('uncapturederror', (event) => {
    // Without this the binding prints every one of them.
    event.preventDefault();
    tell(new RockpoolError('game-failed', `The GPU refused a command: ${event.error.message}`));
  });
  const name = info.description || info.device || info.architecture || 'unknown';
  const description = `${info.vendor} ${name}`.trim().slice(0, 200);
  return {
    device,
    software,
    report: { kind: software ? 'software' : 'hardware', description },
    watch(handleFailure) {
      watchers.add(handleFailure);
      return () => watchers.delete(handleFailure);
    },
  };
}

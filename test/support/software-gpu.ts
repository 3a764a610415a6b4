import { describe, it } from 'vitest';
import { type Gpu, openGpu } from '../../renderer/webgpu/gpu-device.ts';

export type GpuUnderTest = { readonly gpu: Gpu } | { readonly missing: string };

/** The GPU of this machine, or why there is none. */
export async function gpuUnderTest(): Promise<GpuUnderTest> {
  try {
    return { gpu: await openGpu() };
  } catch (thrown) {
    return { missing: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** Runs a suite on the GPU; without one it is counted as skipped, under its name and the reason. */
export function describeWithGpu(
  name: string,
  subject: GpuUnderTest,
  suite: (gpu: Gpu) => void,
): void {
  if ('gpu' in subject) describe(name, () => suite(subject.gpu));
  else it.skip(`${name} (needs a GPU, and there is none: ${subject.missing})`, () => {});
}
